package ancm

import "time"

// The hosting models of Config, as web.config spells them.
const (
	InProcessModel    = "inprocess"
	OutOfProcessModel = "outofprocess"
)

// Config is the <aspNetCore> element as values (CF-01 to CF-14).
// DefaultConfig has the defaults; the zero value has not, because zero is legal
// for most of the limits.
type Config struct {
	ProcessPath         string
	Arguments           string
	HostingModel        string        // InProcessModel or OutOfProcessModel
	StartupTimeLimit    time.Duration // 0 is one probe
	ShutdownTimeLimit   time.Duration
	RapidFailsPerMinute int
	RequestTimeout      time.Duration // inactivity per operation; 0 is none
	ProcessesPerApp     int
	StdoutLogEnabled    bool
	StdoutLogFile       string
	Environment         []EnvironmentVariable
	ForwardWindowsToken bool
	DisableStartUpError bool
	HandlerSettings     map[string]string
	ModuleVersion       string // "v1" or "v2"
	ForwardConnection   bool   // handlerSettings forwardResponseConnectionHeader
	// DebugLevel and DebugFile are as handlerSettings have them; see OpenDebugLog.
	DebugLevel, DebugFile string
	PhysicalPath, AppPath string
	// NoWebSockets is <webSocket enabled="false"/>.
	NoWebSockets bool
	// Others are the other applications of the same file: see OtherApps.
	Others []OtherApp
}

// EnvironmentVariable is set for the app's process.
type EnvironmentVariable struct{ Name, Value string }

// DefaultConfig is what an <aspNetCore> element without attributes means.
func DefaultConfig() Config {
	return Config{
		HostingModel:        OutOfProcessModel,
		StartupTimeLimit:    120 * time.Second,
		ShutdownTimeLimit:   10 * time.Second,
		RapidFailsPerMinute: 10,
		RequestTimeout:      2 * time.Minute,
		ProcessesPerApp:     1,
		StdoutLogFile:       `.\aspnetcore-stdout`,
		ForwardWindowsToken: true,
		ModuleVersion:       "v2",
		AppPath:             "/",
	}
}
