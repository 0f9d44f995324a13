package appprocess

import (
	"errors"
	"html"
	"strings"

	"ancmbench/models/ancm"
	"ancmbench/models/ancm/redact"
)

// failure returns the answer to requests after a failed start: 502.5, with a page that
// names the usual causes unless the configuration leaves it out (CF-12). The page shows
// what the app printed, without secrets, only if the app's environment asks for details
// (OP-15).
func (p *Processes) failure(err error) error {
	var start *StartError
	if !errors.As(err, &start) {
		return err
	}
	if p.opt.Config.DisableStartUpError {
		return ancm.StartFailed(err, "", nil)
	}
	env := environment(p.opt.environment(&process{backend: &ancm.Backend{}}))
	return ancm.StartFailed(err, "text/html; charset=utf-8", startPage(start, ancm.DetailsWanted(env.get), p.opt.redaction()))
}

func startPage(err *StartError, details bool, hide redact.Redaction) []byte {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\n<title>502.5 the app did not start</title>\n" +
		"<h1>HTTP Error 502.5: the app did not start</h1>\n<p>Usual causes:\n<ul>\n" +
		"<li>The app's process could not be started: its program is missing or may not be run.\n" +
		"<li>The app's process started and then ended.\n" +
		"<li>The app's process runs but does not listen on the port it was given.\n</ul>\n")
	if details {
		b.WriteString("<p>" + html.EscapeString(hide.Redact(err.Error())) + "\n")
		if err.Output != "" {
			b.WriteString("<p>What it printed:\n<pre>" + html.EscapeString(hide.Redact(err.Output)) + "</pre>\n")
		}
	} else {
		b.WriteString(ancm.DetailsHint)
	}
	return []byte(b.String())
}
