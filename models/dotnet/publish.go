package dotnet

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

//go:embed app/*.cs app/app.csproj shapes/*.cs shapes/shapes.csproj
var source embed.FS

var exeSuffix = map[string]string{"windows": ".exe"}[runtime.GOOS]

// Publish builds the app with dotnet publish, without network, and returns the folder
// that holds it: app.dll, and web.config as the SDK writes it. The folder is in the
// user's cache and is built once for each version of source and SDK: it is shared, so
// copy it before changing anything in it. Publish fails with what dotnet said.
func (s SDK) Publish(ctx context.Context) (string, error) { return s.publish(ctx, "app") }

// PublishShapes is Publish for the program that has apps of many shapes: shapes.dll, whose
// first argument says which.
func (s SDK) PublishShapes(ctx context.Context) (string, error) { return s.publish(ctx, "shapes") }

// publish builds the project in the folder name of source, which has that name, too.
func (s SDK) publish(ctx context.Context, name string) (string, error) {
	key, err := s.key(name)
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil { // no HOME
		cache = filepath.Join(os.TempDir(), fmt.Sprintf("cache-%d", os.Getuid()))
	}
	cache = filepath.Join(cache, "ancmbench", "dotnet")
	dir := filepath.Join(cache, key)
	if published(dir, name) {
		return dir, nil
	}
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return "", fmt.Errorf("a folder for the published app: %w", err)
	}
	work, err := os.MkdirTemp(cache, "build-")
	if err != nil {
		return "", fmt.Errorf("a folder to build in: %w", err)
	}
	err = s.build(ctx, name, work, dir)
	return dir, errors.Join(err, os.RemoveAll(work))
}

// build publishes below work and moves the result to dir, unless another process
// was there first.
func (s SDK) build(ctx context.Context, name, work, dir string) error {
	if err := os.CopyFS(work, source); err != nil {
		return fmt.Errorf("the app's source: %w", err)
	}
	none := filepath.Join(work, "none") // the app needs no packages: restore looks nowhere
	if err := os.Mkdir(none, 0o700); err != nil {
		return err
	}
	out := filepath.Join(work, "out")
	err := s.run(ctx, filepath.Join(work, name), "publish", "-c", "Release", "-o", out, "--source", none,
		"-nodeReuse:false", "-p:UseSharedCompilation=false", "-p:NuGetAudit=false")
	if err != nil {
		return err
	}
	if !published(out, name) {
		return fmt.Errorf("dotnet publish: no %s.dll or no web.config came of it", name)
	}
	if err := os.Rename(out, dir); err != nil && !published(dir, name) {
		return fmt.Errorf("the published app: %w", err)
	}
	return nil
}

// published reports whether dir holds the published project of this name. It is moved there
// as a whole.
func published(dir, name string) bool {
	for _, file := range []string{name + ".dll", name + ".runtimeconfig.json", "web.config"} {
		if info, err := os.Stat(filepath.Join(dir, file)); err != nil || !info.Mode().IsRegular() {
			return false
		}
	}
	return true
}

// key returns the hash of all that decides what is built of a project.
func (s SDK) key(name string) (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%s %s/%s\n", s.Version, runtime.GOOS, runtime.GOARCH)
	err := fs.WalkDir(source, name, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := source.ReadFile(path)
		fmt.Fprintf(h, "%s %d\n%s\n", path, len(b), b)
		return err
	})
	return hex.EncodeToString(h.Sum(nil))[:20], err
}
