package html

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"ancmbench/reports/words"
)

// File can be taken out of the page.
type File struct {
	Name, Type string
	// Write writes its content.
	Write func(io.Writer) error
	// Note says what it lacks; empty for nothing.
	Note string
	// Instead is put into a page in which this file does not fit; nil for none.
	Instead *File
}

// listed is a file as the page offers it.
type listed struct {
	Name, Size, Note string
	Index            int
	// Absent says why the file is not in the page; empty if it is.
	Absent string
}

// packed compresses the files into one text: a line of JSON with their names, types and
// lengths, and then their contents. It leaves out those that do not fit into most bytes,
// compressed.
func packed(files []File, most int) (text string, offered []listed, err error) {
	type entry struct {
		Name   string `json:"name"`
		Type   string `json:"type"`
		Length int    `json:"length"`
	}
	index := []entry{}
	var contents bytes.Buffer
	for i := 0; i < len(files); i++ {
		f := files[i]
		one := &limited{most: most}
		zip, _ := gzip.NewWriterLevel(one, gzip.BestCompression)
		from := contents.Len()
		err := f.Write(io.MultiWriter(zip, &contents))
		if err == nil {
			err = zip.Close()
		}
		switch {
		case one.full:
			contents.Truncate(from)
			offered = append(offered, listed{Name: f.Name, Absent: "too large for a page; it lies beside it"})
			if f.Instead != nil {
				files = slices.Insert(slices.Clone(files), i+1, *f.Instead)
			}
			continue
		case err != nil:
			return "", nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		most -= one.written
		length := contents.Len() - from
		offered = append(offered, listed{Name: f.Name, Size: words.Amount(float64(length), "bytes"), Note: f.Note, Index: len(index)})
		index = append(index, entry{f.Name, f.Type, length})
	}
	if len(index) == 0 {
		return "", offered, nil
	}
	head, err := json.Marshal(index)
	if err != nil {
		return "", nil, err
	}
	var out bytes.Buffer
	zip, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	_, _ = zip.Write(append(head, '\n'))
	_, _ = zip.Write(contents.Bytes())
	if err := zip.Close(); err != nil {
		return "", nil, err
	}
	return base64.StdEncoding.EncodeToString(out.Bytes()), offered, nil
}

// limited counts what is written to it, and refuses more than most.
type limited struct {
	most, written int
	full          bool
}

func (l *limited) Write(p []byte) (int, error) {
	if l.full = l.full || l.written+len(p) > l.most; l.full {
		return 0, io.ErrShortWrite
	}
	l.written += len(p)
	return len(p), nil
}
