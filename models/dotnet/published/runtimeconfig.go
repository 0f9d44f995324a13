package published

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
)

// RuntimeConfig is what an app says of the runtime that it needs.
type RuntimeConfig struct {
	// Target is the framework that the app was built for, "net10.0".
	Target string
	// Frameworks are what it needs of the machine; none if it is self-contained.
	Frameworks []Framework
	// Included are the frameworks that a self-contained app brings.
	Included []Framework
	// RollForward is the app's policy; empty is .NET's own, Minor.
	RollForward string
	// ServerGC is System.GC.Server.
	ServerGC bool
	// NoStartupHooks says that the app switches startup hooks off, as trimmed apps do.
	NoStartupHooks bool
}

// Framework is a shared framework and its version.
type Framework struct{ Name, Version string }

// ASPNETCore is the name of the framework of ASP.NET Core.
const ASPNETCore = "Microsoft.AspNetCore.App"

// SelfContained reports whether the app brings its own runtime.
func (c RuntimeConfig) SelfContained() bool { return len(c.Included) > 0 }

// UsesASPNETCore reports whether the app needs ASP.NET Core or brings it.
func (c RuntimeConfig) UsesASPNETCore() bool { return c.ASPNETCoreVersion() != "" }

// Major returns the version of .NET that the app was built for, and 0 if it does not say.
func (c RuntimeConfig) Major() int {
	for _, f := range append(slices.Clone(c.Frameworks), c.Included...) {
		if v, ok := parseVersion(f.Version); ok {
			return v[0]
		}
	}
	rest, _, _ := strings.Cut(strings.TrimPrefix(c.Target, "net"), ".")
	n, _ := strconv.Atoi(rest)
	return n
}

// ASPNETCoreVersion returns the version of ASP.NET Core that the app asks for or brings, and
// "" if it does not use it.
func (c RuntimeConfig) ASPNETCoreVersion() string {
	for _, f := range append(slices.Clone(c.Frameworks), c.Included...) {
		if f.Name == ASPNETCore {
			return f.Version
		}
	}
	return ""
}

// maxConfig bounds the file, in bytes.
const maxConfig = 1 << 20

// ReadConfig reads the runtimeconfig.json of an assembly. It fails if the file is missing,
// cannot be read, which is ErrNoFile, or is damaged.
func ReadConfig(assembly string) (RuntimeConfig, error) {
	path := beside(assembly, ".runtimeconfig.json")
	switch err := checkFile(path); {
	case errors.Is(err, fs.ErrNotExist):
		return RuntimeConfig{}, fmt.Errorf("%w, without which .NET does not start the app; Fix: publish again, with dotnet publish and not dotnet build alone", missing(path))
	case err != nil:
		return RuntimeConfig{}, err
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrPermission) {
		return RuntimeConfig{}, fmt.Errorf("%s %w: %w", path, ErrNoFile, fs.ErrPermission)
	}
	if err != nil {
		return RuntimeConfig{}, err
	}
	if len(b) > maxConfig {
		return RuntimeConfig{}, fmt.Errorf("%s has %d bytes, more than any such file", path, len(b))
	}
	var file struct {
		Options *struct {
			Target      string         `json:"tfm"`
			Framework   *Framework     `json:"framework"`
			Frameworks  []Framework    `json:"frameworks"`
			Included    []Framework    `json:"includedFrameworks"`
			RollForward string         `json:"rollForward"`
			Properties  map[string]any `json:"configProperties"`
		} `json:"runtimeOptions"`
	}
	if err := json.Unmarshal(bytes.TrimPrefix(b, []byte("\uFEFF")), &file); err != nil {
		return RuntimeConfig{}, fmt.Errorf("%s is damaged (%w); Fix: publish again", path, err)
	}
	if file.Options == nil {
		return RuntimeConfig{}, fmt.Errorf("%s is damaged (it has no runtimeOptions); Fix: publish again", path)
	}
	o := file.Options
	c := RuntimeConfig{Target: o.Target, Frameworks: o.Frameworks, Included: o.Included, RollForward: o.RollForward,
		ServerGC: truth(o.Properties["System.GC.Server"], false), NoStartupHooks: !truth(o.Properties["System.StartupHookProvider.IsSupported"], true)}
	if o.Framework != nil {
		c.Frameworks = append(c.Frameworks, *o.Framework)
	}
	if len(c.Frameworks) == 0 && len(c.Included) == 0 {
		return RuntimeConfig{}, fmt.Errorf("%s is damaged (it names no framework); Fix: publish again", path)
	}
	return c, nil
}

// truth returns a property, which may be a text.
func truth(v any, otherwise bool) bool {
	switch v := v.(type) {
	case bool:
		return v
	case string:
		if b, err := strconv.ParseBool(v); err == nil {
			return b
		}
	}
	return otherwise
}

// parseVersion returns major, minor and patch of a release, 10.0.12. A preview is none.
func parseVersion(text string) (v [3]int, ok bool) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return v, false
	}
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil {
			return v, false
		}
		v[i] = int(n)
	}
	return v, true
}
