package ancmbench

import "strings"

// Dotnet says how a profile measures an app in .NET. Other targets ignore it.
type Dotnet struct {
	// Settings are applied to every target alike.
	Settings DotnetSettings `json:"settings"`
	// WarmUp is how long each target is loaded at most until its runtime compiles no
	// more; zero means 30 s.
	WarmUp Seconds `json:"warm_up_seconds,omitempty"`
	// Rows are settings that are measured one after the other, each in a run of its
	// own with all targets. Each row is applied over Settings.
	Rows []DotnetRow `json:"rows,omitempty"`
}

// DotnetRow is one row of settings.
type DotnetRow struct {
	// Name is unique within a profile and names a folder.
	Name     string         `json:"name"`
	Settings DotnetSettings `json:"settings"`
}

// DotnetSettings are settings of the runtime. What is nil or empty stays as the app has it.
type DotnetSettings struct {
	// GC is the mode of the garbage collector: "workstation" or "server".
	GC string `json:"gc,omitempty"`
	// TieredPGO, TieredCompilation and ReadyToRun are the runtime's switches of these
	// names.
	TieredPGO         *bool `json:"tiered_pgo,omitempty"`
	TieredCompilation *bool `json:"tiered_compilation,omitempty"`
	ReadyToRun        *bool `json:"ready_to_run,omitempty"`
	// Environment are further variables of the app.
	Environment []Field `json:"environment,omitempty"`
}

// Warmup is how a target in .NET warmed up in one fresh start: what its first minute was.
type Warmup struct {
	Launch int    `json:"launch"`
	Target string `json:"target"`
	// Runtime is the version that the runtime names, "10.0.12".
	Runtime string `json:"runtime,omitempty"`
	// Windows are the parts of the warm-up, in their order.
	Windows []WarmupWindow `json:"windows"`
	// Quiet reports whether the runtime compiled no more at the end.
	Quiet bool `json:"quiet"`
	// Later is how many methods were compiled from then to the end of the fresh start;
	// nil if that was not read.
	Later *int64 `json:"compiled_later,omitempty"`
}

// WarmupWindow is one part of a warm-up.
type WarmupWindow struct {
	// Ended is when the window ended, from the start of the warm-up: other targets
	// were loaded in between.
	Ended Seconds `json:"ended_seconds"`
	// Busy is how long this target was under load in the window.
	Busy     Seconds `json:"busy_seconds"`
	Requests int64   `json:"requests"`
	// Median is that of the service time; zero if there is none.
	Median Seconds `json:"median_service_seconds"`
	// Compiled is how many methods the runtime had compiled at the end of the window,
	// since its start.
	Compiled int64 `json:"compiled_methods"`
}

// subjectDotnet is how every subject of an app in ASP.NET Core begins.
const subjectDotnet = Subject("ASP.NET Core")

// DotnetSubject returns the subject of a run of the user's ASP.NET Core app: version is that of
// ASP.NET Core, empty if it is not known, and inProcess says whether the app was also hosted
// in-process.
func DotnetSubject(version, system string, inProcess bool) Subject {
	names := map[string]string{"linux": "Linux", "darwin": "macOS", "windows": "Windows"}
	if name := names[system]; name != "" {
		system = name
	}
	text := strings.TrimSpace(string(subjectDotnet)+" "+version) + ", your unchanged app, " + system + ". "
	if inProcess {
		return Subject(text + "In-process server: Microsoft's IISHttpServer; front and module are ours. Not IIS, not Windows.")
	}
	return Subject(text + "Front and module are ours. Not IIS, not Windows.")
}

// Dotnet reports whether the subject is an app in ASP.NET Core.
func (s Subject) Dotnet() bool { return strings.HasPrefix(string(s), string(subjectDotnet)) }
