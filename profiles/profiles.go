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

// maxFile bounds a profile's text, in bytes, and with it the work of a parser that
// is not linear.
const maxFile = 64 << 10

// Names lists the embedded profiles in alphabetical order.
func Names() []string {
	entries, err := fs.ReadDir(embedded, ".")
	if err != nil {
		panic("profiles: the embedded folder cannot be read: " + err.Error())
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return names
}

// Source gives the text of an embedded profile, with its comments.
func Source(name string) ([]byte, error) {
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("profile %q: no such profile%s", name, meant(name, Names()))
	}
	return embedded.ReadFile(name + ".yaml")
}

// Loader reads profiles. The zero value takes budgets as they are written.
type Loader struct {
	// Budget says what is wrong with the text of a budget, whose words only those
	// know that judge by it; if nil, any text but an empty one is legal.
	Budget func(text string) error
}

// Load is that of the zero Loader.
func Load(nameOrFile string) (ancmbench.Profile, error) { return Loader{}.Load(nameOrFile) }

// Parse is that of the zero Loader.
func Parse(file string, text []byte) (ancmbench.Profile, error) { return Loader{}.Parse(file, text) }

// Load reads the embedded profile of that name, or else the file at that path.
// What is wrong with the text comes back as Faults, all at once.
func (l Loader) Load(nameOrFile string) (ancmbench.Profile, error) {
	if slices.Contains(Names(), nameOrFile) {
		text, err := Source(nameOrFile)
		if err != nil {
			return ancmbench.Profile{}, err
		}
		return l.Parse(nameOrFile+".yaml", text)
	}
	text, err := readFile(nameOrFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ancmbench.Profile{}, &Unread{nameOrFile, absent(nameOrFile)}
	case err != nil:
		return ancmbench.Profile{}, &Unread{nameOrFile, err}
	}
	return l.Parse(nameOrFile, text)
}

// Unread is a profile that could not be read at all, and why. What is wrong with one
// that could is Faults.
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
		err = at.Err // its path is said already
	}
	return text, err
}

// Parse reads the text of a profile; file is what faults call it.
func (l Loader) Parse(file string, text []byte) (ancmbench.Profile, error) {
	r := &reader{file: file, lines: map[string]int{}, budget: l.Budget}
	p := r.profile(text)
	if p.Name == "" {
		p.Name = nameOf(file)
	}
	if faults := r.all(p); len(faults) > 0 {
		return ancmbench.Profile{}, faults
	}
	return p, nil
}

// notName is what a profile's name cannot hold.
var notName = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// nameOf makes a name from a file's.
func nameOf(file string) string {
	base := filepath.Base(file)
	name := notName.ReplaceAllString(strings.TrimSuffix(base, filepath.Ext(base)), "-")
	name = strings.TrimLeft(name, "._-")
	return cmp.Or(name[:min(len(name), 64)], "profile")
}
