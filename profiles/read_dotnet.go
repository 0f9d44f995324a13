package profiles

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"ancmbench"
)

// gcModes are the modes of .NET's garbage collector.
var gcModes = []string{"workstation", "server"}

func (r *reader) dotnet(to **ancmbench.Dotnet) value {
	keys := func(d *ancmbench.Dotnet) fields {
		return append(r.dotnetSettings(&d.Settings),
			key{"warm-up", r.given(&d.WarmUp, r.duration(&d.WarmUp)), "how long each target is loaded at most until its runtime compiles no more; default 30s"},
			key{"rows", r.dotnetRows(&d.Rows), "settings that are measured one after the other, each in a run of its own with all targets; run only"})
	}
	looks := shape{keys: func() fields { return keys(new(ancmbench.Dotnet)) }}
	return value{looks: looks, take: func(n ast.Node, key string) {
		*to = new(ancmbench.Dotnet)
		r.mapping(n, key, keys(*to))
	}}
}

// dotnetSettings returns the keys of the runtime's settings.
func (r *reader) dotnetSettings(s *ancmbench.DotnetSettings) fields {
	return fields{
		{"gc", r.text(&s.GC).as(oneOf(gcModes)), "mode of the garbage collector; default the app's"},
		{"tiered-pgo", r.optional(&s.TieredPGO), "whether hot methods are compiled by what was seen of them; default the app's"},
		{"tiered-compilation", r.optional(&s.TieredCompilation), "whether methods are compiled quickly at first and well when they are hot; default the app's"},
		{"ready-to-run", r.optional(&s.ReadyToRun), "whether code that was compiled in advance is used; default the app's"},
		{"environment", r.header(&s.Environment), "further variables of the app, the same for every target"},
	}
}

func (r *reader) dotnetRows(to *[]ancmbench.DotnetRow) value {
	keys := func(row *ancmbench.DotnetRow) fields {
		return append(fields{{"name", r.text(&row.Name), "what reports and the folder of its run call the row"}}, r.dotnetSettings(&row.Settings)...)
	}
	looks := shape{list: &shape{keys: func() fields { return keys(new(ancmbench.DotnetRow)) }}}
	return value{looks: looks, take: func(n ast.Node, key string) {
		r.list(n, key, "rows", func(n ast.Node, key string) {
			var row ancmbench.DotnetRow
			r.mapping(n, key, keys(&row))
			*to = append(*to, row)
		})
	}}
}

// optional reads true or false, where an absent key is neither.
func (r *reader) optional(to **bool) value {
	return value{looks: truthShape, take: func(n ast.Node, key string) {
		before := len(r.faults)
		var v bool
		if r.truth(&v).take(n, key); len(r.faults) == before {
			*to = &v
		}
	}}
}

// settingKeys maps the variables that keys of a profile set to those keys.
var settingKeys = map[string]string{
	"dotnet_gcserver": "gc", "dotnet_tieredpgo": "tiered-pgo", "dotnet_tieredcompilation": "tiered-compilation", "dotnet_readytorun": "ready-to-run",
	"complus_gcserver": "gc", "complus_tieredpgo": "tiered-pgo", "complus_tieredcompilation": "tiered-compilation", "complus_readytorun": "ready-to-run",
}

// modelSets matches the variables by which a hosting model tells the app how it is hosted.
var modelSets = regexp.MustCompile(`(?i)^(ancmbench_.*|(aspnetcore|dotnet)_(port|token|appl_path|urls|http_ports|https_ports|iis_.*|ancm_.*|hostingstartupassemblies)|dotnet_startup_hooks)$`)

// settingName matches a variable of .NET, whose names may have dots: the category of a logger is one.
var settingName = regexp.MustCompile(`^[!-<>-~]+$`)

func (c *check) dotnet(d *ancmbench.Dotnet) {
	if d == nil {
		return
	}
	c.dotnetSettings(d.Settings, "dotnet")
	c.must(d.WarmUp == 0 || d.WarmUp.D() >= 100*time.Millisecond && d.WarmUp.D() <= time.Hour, "dotnet.warm-up", "%v: must be 100ms to 1h", d.WarmUp)
	c.must(len(d.Rows) <= ancmbench.MaxDotnetRows, "dotnet.rows", "%d: there may be at most %d", len(d.Rows), ancmbench.MaxDotnetRows)
	var names []string
	for i, row := range d.Rows {
		at := fmt.Sprintf("dotnet.rows[%d]", i)
		name := strings.ToLower(row.Name) // folders of some systems know no case
		c.must(profileName.MatchString(row.Name), at+".name", "%q: a name is 1 to 64 letters, digits, dots, dashes or underscores, since it names a folder", short(row.Name))
		c.must(name == "" || !slices.Contains(names, name), at+".name", "%q names two rows", short(row.Name))
		names = append(names, name)
		c.dotnetSettings(row.Settings, at)
	}
}

func (c *check) dotnetSettings(s ancmbench.DotnetSettings, at string) {
	c.must(s.GC == "" || slices.Contains(gcModes, s.GC), at+".gc", "unknown mode %q%s", short(s.GC), meant(s.GC, gcModes))
	for _, v := range s.Environment {
		key := at + ".environment." + v.Name
		c.must(settingName.MatchString(v.Name), key, "%q is not a name of a variable", short(v.Name))
		c.must(!strings.ContainsRune(v.Value, 0), key, "a value has no zero byte")
		c.must(!modelSets.MatchString(v.Name), key, "is set by the hosting model; leave it out")
		if own, ok := settingKeys[strings.ToLower(v.Name)]; ok {
			c.must(false, key, "has a key of its own: write %s", own)
		}
	}
}
