package webconfig

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"ancmbench/models/ancm/debuglog"
)

// Variables that the module itself reads in its worker's environment. It adds to them
// what handlerSettings say (debugutil.cpp, DebugInitialize).
const (
	EnvDebug     = "ASPNETCORE_MODULE_DEBUG"
	EnvDebugFile = "ASPNETCORE_MODULE_DEBUG_FILE"
)

// defaultDebugFile is the file that FILE means if there is no debugFile; it is in the
// app's folder.
const defaultDebugFile = `.\aspnetcore-debug.log`

// OpenDebugLog returns the debug log that the configuration and the worker's
// environment ask for, nil if they ask for none. A relative path in the configuration
// is in the app's folder, and one in the environment is in the current folder. It fails
// if the file cannot be opened; the log that it returns then still has its other
// places.
func OpenDebugLog(c Config, getenv func(string) string, console io.Writer) (*debuglog.Log, error) {
	env, _ := debuglog.ParseLevel(getenv(EnvDebug))
	own, _ := debuglog.ParseLevel(c.DebugLevel)
	s := env.With(own)
	if s.Level == debuglog.Off {
		return nil, nil
	}
	path, err := localPath(getenv(EnvDebugFile))
	if err != nil {
		err = fmt.Errorf("%s: %w", EnvDebugFile, err)
	}
	if c.DebugFile != "" || s.File { // FILE of the environment too, as in the original
		if path, err = c.logFile(cmp.Or(c.DebugFile, defaultDebugFile)); err != nil {
			err = fmt.Errorf("debugFile: %w", err)
		}
	}
	l, oerr := debuglog.Open(s, path, console)
	l.Printf(debuglog.Info, "debug log of the module %s, hosting model %s, app folder %q", c.ModuleVersion, c.HostingModel, c.PhysicalPath)
	return l, cmp.Or(oerr, err)
}

// OpenStdoutLog opens <stdoutLogFile>_<UTC time>_<pid>.log for appending, and makes its
// folder (CF-09). The process id is that of this process, as in the original
// (serverprocess.cpp, SetupStdHandles), because the file exists before the app does. A
// relative path is in the app's folder. It fails if the file cannot be opened, or the
// path cannot exist on this system.
func OpenStdoutLog(c Config, now time.Time) (*os.File, error) {
	base, err := c.logFile(cmp.Or(c.StdoutLogFile, `.\aspnetcore-stdout`))
	if err != nil {
		return nil, err
	}
	path := fmt.Sprintf("%s_%s_%d.log", base, now.UTC().Format("20060102150405"), os.Getpid())
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
}
