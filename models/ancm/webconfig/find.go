package webconfig

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// fileName is the name of the file in IIS; case does not matter there.
const fileName = "web.config"

// Find returns the path of the web.config that path names: the file itself, or the one
// in the folder. It fails if there is none; the error names what there is instead, or
// shows a file to copy.
func Find(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && !info.IsDir():
		return path, nil
	case err == nil:
		if name := nameInAnyCase(path, fileName); name != "" {
			return filepath.Join(path, name), nil
		}
		return "", fmt.Errorf("the folder %s holds no web.config; dotnet publish writes none for Linux. One to copy:\n\n%s", path, sample(path))
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	dir := filepath.Dir(path)
	if name := nameInAnyCase(dir, filepath.Base(path)); name != "" {
		return "", fmt.Errorf("%w; there is %s, whose case differs", err, filepath.Join(dir, name))
	}
	if folder, derr := os.Stat(dir); derr != nil || !folder.IsDir() || !strings.EqualFold(filepath.Base(path), fileName) {
		return "", err
	}
	return "", fmt.Errorf("%w; dotnet publish writes none for Linux. One to copy:\n\n%s", err, sample(dir))
}

func nameInAnyCase(dir, name string) string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return ""
	}
	for _, e := range entries {
		if strings.EqualFold(e.Name(), name) && !e.IsDir() {
			return e.Name()
		}
	}
	return ""
}

// sample returns a web.config for the program that seems to be in a folder.
func sample(dir string) string {
	return "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<configuration>\n  <system.webServer>\n    <aspNetCore " + programIn(dir) +
		" hostingModel=\"outofprocess\" />\n  </system.webServer>\n</configuration>\n"
}

// programIn returns the attributes that probably start the program in a folder.
func programIn(dir string) string {
	const runtimeConfig = ".runtimeconfig.json"
	entries, _ := os.ReadDir(dir) // nothing is guessed of a folder that cannot be read
	there := map[string]bool{}
	for _, e := range entries {
		there[e.Name()] = true
	}
	for _, e := range entries {
		name, is := strings.CutSuffix(e.Name(), runtimeConfig)
		switch {
		case !is:
		case there[name]: // made for this system
			return fmt.Sprintf(`processPath=".\%s"`, name)
		default:
			return fmt.Sprintf(`processPath="dotnet" arguments=".\%s.dll"`, name)
		}
	}
	for _, other := range [][2]string{{"server.js", "node"}, {"app.js", "node"}, {"index.js", "node"}, {"app.py", "python3"}, {"main.py", "python3"}} {
		if there[other[0]] {
			return fmt.Sprintf(`processPath="%s" arguments="%s"`, other[1], other[0])
		}
	}
	return `processPath="dotnet" arguments=".\MyApp.dll"`
}
