package webconfig

import (
	"errors"
	"fmt"
	"time"
)

// The hosting models of Config, as web.config spells them.
const (
	InProcess    = "inprocess"
	OutOfProcess = "outofprocess"
)

// Config holds the values of an <aspNetCore> element (CF-01 to CF-14). Default returns
// the defaults. The zero value is no default, because zero is legal for most of the
// limits.
type Config struct {
	ProcessPath         string
	Arguments           string
	HostingModel        string        // InProcess or OutOfProcess
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
	// Others are the other applications of the same file: see ancm.OtherApps.
	Others []OtherApp
}

// EnvironmentVariable is set for the app's process.
type EnvironmentVariable struct{ Name, Value string }

// Default returns the Config of an <aspNetCore> element without attributes.
func Default() Config {
	return Config{
		HostingModel:        OutOfProcess,
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

// Check returns every limit that is out of range, joined. A Config from a Reader has
// none.
func (c Config) Check() error {
	var faults []error
	between := func(name string, v, most time.Duration) {
		if v < 0 || v > most {
			faults = append(faults, fmt.Errorf("%s %v: must be 0 to %v", name, v, most))
		}
	}
	between("startupTimeLimit", c.StartupTimeLimit, time.Hour)
	between("shutdownTimeLimit", c.ShutdownTimeLimit, 10*time.Minute)
	if n := c.RapidFailsPerMinute; n < 0 || n > 100 {
		faults = append(faults, fmt.Errorf("rapidFailsPerMinute %d: must be 0 to 100", n))
	}
	if n := c.ProcessesPerApp; n < 1 || n > 100 {
		faults = append(faults, fmt.Errorf("processesPerApplication %d: must be 1 to 100", n))
	}
	return errors.Join(faults...)
}
