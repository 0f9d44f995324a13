package profiles

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"ancmbench"
)

//go:embed *.yaml
var embedded embed.FS

// Default is the profile of a run that names none.
const Default = "quick"

// maxFile limits a profile's text, in bytes, because the parser's time is not linear.
const maxFile = 64 << 10

// Names returns the names of the embedded profiles in alphabetical order.
func Names() []string {
	entries, err := fs.ReadDir(embedded, ".")
	if err != nil {
		panic("profiles: the embedded folder cannot be read: " + err.Error())
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	slices.Sort(names) // as files, the longer of two names may come first
	return names
}

// Source returns the text of an embedded profile, with its comments. It fails if there is
// no such profile.
func Source(name string) ([]byte, error) {
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("profile %q: no such profile%s", name, meant(name, Names()))
	}
	return embedded.ReadFile(name + ".yaml")
}

// Loader reads profiles. The zero value does not check budgets.
type Loader struct {
	// Budget checks the text of a budget, whose grammar belongs to the gate. If nil,
	// any text is legal that is not empty.
	Budget func(text string) error
	// Given is called with each key of the profile itself that the text has. It may be
	// nil.
	Given func(key string)
}

// Load is Loader.Load with the zero Loader.
func Load(nameOrFile string) (ancmbench.Profile, error) { return Loader{}.Load(nameOrFile) }

// Parse is Loader.Parse with the zero Loader.
func Parse(file string, text []byte) (ancmbench.Profile, error) { return Loader{}.Parse(file, text) }

// Load reads the embedded profile of that name, or else the file at that path. It fails
// with an *Unread if it cannot read the file, and with Faults if the text is wrong.
func (l Loader) Load(nameOrFile string) (ancmbench.Profile, error) {
	if slices.Contains(Names(), nameOrFile) {
		text, err := Source(nameOrFile)
		if err != nil {
			return ancmbench.Profile{}, err
		}
		return l.parse(nameOrFile+".yaml", "", text, nil)
	}
	text, err := readFile(nameOrFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ancmbench.Profile{}, &Unread{nameOrFile, absent(nameOrFile)}
	case err != nil:
		return ancmbench.Profile{}, &Unread{nameOrFile, err}
	}
	return l.parse(nameOrFile, filepath.Dir(nameOrFile), text, func(name string, most int64) ([]byte, error) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(nameOrFile), name)
		}
		return ancmbench.ReadInput(name, most)
	})
}

// Unread is the error for a profile that could not be read. Faults is the error for one
// that was read and is wrong.
type Unread struct {
	Name string
	Err  error
}

func (u *Unread) Error() string { return fmt.Sprintf("profile %q: %v", u.Name, u.Err) }
func (u *Unread) Unwrap() error { return u.Err }

// absent is the name of a profile that is neither embedded nor a file.
type absent string

func (a absent) Error() string {
	return "no such profile or file" + meant(string(a), Names())
}

func (absent) Unwrap() error { return fs.ErrNotExist }

func readFile(path string) ([]byte, error) {
	text, err := ancmbench.ReadInput(path, maxFile)
	var at *fs.PathError
	if errors.As(err, &at) && at.Op == "read" {
		err = at.Err // Unread has the path already
	}
	return text, err
}

// Parse parses the text of a profile that names no further files of requests. It fails with
// all Faults, which name file. Paths in it go from the file's folder.
func (l Loader) Parse(file string, text []byte) (ancmbench.Profile, error) {
	return l.parse(file, filepath.Dir(file), text, nil)
}

func (l Loader) parse(file, base string, text []byte, open func(string, int64) ([]byte, error)) (ancmbench.Profile, error) {
	r := &reader{file: file, base: base, lines: map[string]int{}, budget: l.Budget, open: open}
	p := r.profile(text)
	if p.Name == "" {
		p.Name = nameOf(file)
	}
	if l.Given != nil {
		for key := range r.lines {
			if !strings.ContainsAny(key, ".[") {
				l.Given(key)
			}
		}
	}
	if faults := r.all(p); len(faults) > 0 {
		return ancmbench.Profile{}, faults
	}
	return p, nil
}

// notName matches what a profile's name must not contain.
var notName = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// nameOf returns a profile's name for a file's name.
func nameOf(file string) string {
	base := filepath.Base(file)
	name := notName.ReplaceAllString(strings.TrimSuffix(base, filepath.Ext(base)), "-")
	name = strings.TrimLeft(name, "._-")
	return cmp.Or(name[:min(len(name), 64)], "profile")
}
