package ancmbench

// Server is a target of the user's, as a profile or a flag describes it: a server that
// runs already, or a command that starts one. Exactly one of URL, Command and Args is set.
//
// In Command, Args, Env and the texts of Files some words are replaced when the command is
// started: {port} by a free port on which it must listen, {listen} by the address and that
// port, {listen-host} by the address alone, which is 127.0.0.1 or that of a serving agent,
// {socket} by the path of a Unix socket on which it must listen instead, {dir} by the folder with Files, and
// {upstream} by the address of the target that it stands before, 127.0.0.1:port or
// unix:/path; {upstream-socket} is the path alone. In Env they are replaced in the values.
type Server struct {
	// Name is what reports call it.
	Name string `json:"name"`
	// URL is http://..., https://... or unix:/path/of/socket:/path, of a server that runs.
	URL string `json:"url,omitempty"`
	// Processes name those of a server that runs, instead of those that would be found.
	Processes []ProcessRule `json:"processes,omitempty"`
	// Command is a line for the shell, and Args a program with its arguments, which is
	// started without one.
	Command string   `json:"command,omitempty"`
	Args    []string `json:"args,omitempty"`
	// Env is added to the environment.
	Env []Field `json:"env,omitempty"`
	// Dir is the working directory; empty means that of ancmbench.
	Dir string `json:"dir,omitempty"`
	// Files are written into a private folder before the command starts.
	Files []ServerFile `json:"files,omitempty"`
	// Before names the target in front of which this one stands: another Server, which is
	// started anew behind it, or the model direct.
	Before string `json:"before,omitempty"`
	// Unmeasured means that it runs only behind others.
	Unmeasured bool `json:"unmeasured,omitempty"`
	// Ready says when it is ready.
	Ready Ready `json:"ready,omitzero"`
	// Stop is the signal that asks it to end, such as SIGQUIT; empty means SIGTERM.
	Stop string `json:"stop,omitempty"`
	// Log is the file that keeps what it writes to its output; empty means none.
	Log string `json:"log,omitempty"`
}

// ServerFile is a file of a Server's private folder.
type ServerFile struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Ready says when a command is ready to be measured. It must listen in any case; HTTP and
// Log are waited for after that.
type Ready struct {
	// HTTP is a path whose answer must have Status; empty means no probe.
	HTTP string `json:"http,omitempty"`
	// Status is the status that the answer must have; 0 means any of 200 to 399.
	Status int `json:"status,omitempty"`
	// Log is a text that a line of its output must contain; empty means any.
	Log string `json:"log,omitempty"`
	// Within is the time limit; 0 means 60 s.
	Within Seconds `json:"within_seconds,omitempty"`
}

// StopSignals are the signals that Server.Stop may name.
var StopSignals = []string{"SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGKILL"}

// Starts reports whether the server is started by a command.
func (s Server) Starts() bool { return s.URL == "" }

// Texts returns every text of the server in which words in braces are replaced.
func (s Server) Texts() []string {
	out := append([]string{s.Command}, s.Args...)
	for _, v := range s.Env {
		out = append(out, v.Value)
	}
	for _, f := range s.Files {
		out = append(out, f.Text)
	}
	return out
}
