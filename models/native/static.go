package native

import (
	"io"
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"ancmbench/models/httpsys"
	"ancmbench/models/httpsys/http1"
)

// StaticFiles answers GET and HEAD for the regular files of a folder, with the whole
// file or 304. It leaves everything else to Next: other methods, missing files, names
// that begin with a dot, web.config in any case, and links that lead out of the folder.
type StaticFiles struct {
	Next httpsys.Handler
	Root *os.Root
}

// ServeExchange sends the file, or asks Next.
func (s *StaticFiles) ServeExchange(x *httpsys.Exchange) {
	name, ok := fileOf(x)
	if !ok {
		s.Next.ServeExchange(x)
		return
	}
	// Looked at before it is opened: opening a pipe would wait for its writer.
	info, err := s.Root.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		s.Next.ServeExchange(x)
		return
	}
	f, err := s.Root.Open(name)
	if err != nil {
		s.Next.ServeExchange(x)
		return
	}
	defer f.Close()
	send(x, f, info)
}

// fileOf returns the name of the file that the request may ask for.
func fileOf(x *httpsys.Exchange) (name string, ok bool) {
	if !x.Is(http.MethodGet) && !x.Is(http.MethodHead) || x.Length != 0 || x.Upgrade {
		return "", false
	}
	target, _, _ := strings.Cut(string(x.Target), "?")
	name, err := url.PathUnescape(target)
	if err != nil || !strings.HasPrefix(name, "/") {
		return "", false
	}
	name = name[1:]
	if !fs.ValidPath(name) || name == "." || strings.ContainsAny(name, "\\\x00:") {
		return "", false
	}
	for part := range strings.SplitSeq(name, "/") {
		if part[0] == '.' || strings.EqualFold(part, "web.config") {
			return "", false
		}
	}
	return name, true
}

func send(x *httpsys.Exchange, f *os.File, info fs.FileInfo) {
	modified := info.ModTime().UTC().Truncate(time.Second) // what the field can say
	fields := []httpsys.Field{http1.Make([]byte("Last-Modified"), []byte(modified.Format(http.TimeFormat)))}
	if since, err := http.ParseTime(field(x, "if-modified-since")); err == nil && field(x, "if-none-match") == "" && !modified.After(since) {
		_ = x.WriteHead(http.StatusNotModified, fields, info.Size()) // a client that has gone needs no answer
		return
	}
	kind := mime.TypeByExtension(path.Ext(info.Name()))
	if kind == "" {
		kind = "application/octet-stream"
	}
	fields = append(fields, http1.Make([]byte("Content-Type"), []byte(kind)))
	if x.WriteHead(http.StatusOK, fields, info.Size()) != nil || x.Is(http.MethodHead) {
		return
	}
	// A file that grows meanwhile is sent as long as was said.
	if n, err := io.Copy(x, io.LimitReader(f, info.Size())); err != nil || n < info.Size() {
		x.Fail(0, err)
		x.Abort()
	}
}

// field returns the first value of a field with this name, given in small letters.
func field(x *httpsys.Exchange, name string) string {
	for i := range x.Fields {
		if http1.EqualFold(x.Fields[i].Name, name) {
			return string(x.Fields[i].Value)
		}
	}
	return ""
}
