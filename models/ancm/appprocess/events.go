package appprocess

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"ancmbench/models/ancm/eventlog"
	"ancmbench/models/ancm/redact"
)

// report passes an event without secrets to Options.Report.
func (p *Processes) report(kind eventlog.Kind, output string, format string, args ...any) {
	if p.opt.Report == nil {
		return
	}
	hide := p.opt.redaction()
	p.opt.Report(eventlog.Event{Time: time.Now(), Kind: kind, Text: hide.Redact(fmt.Sprintf(format, args...)), Output: eventlog.LastLines(hide.Redact(output))})
}

func (p *Processes) started(proc *process, took time.Duration) {
	p.report(eventlog.AppStarted, "", "the app's process %d listens on %s, after %v", proc.pid, proc.place(), took.Round(time.Millisecond))
}

// notStarted reports why requests get 502.5. It reports rapid fails once per window.
func (p *Processes) notStarted(err error) {
	var start *StartError
	var rapid *rapidFailsError
	switch {
	case errors.As(err, &rapid):
		if rapid.first {
			p.report(eventlog.RapidFails, "", "the app is not started any more: %v; requests get 502.5 until then", rapid)
		}
	case errors.As(err, &start):
		p.report(eventlog.AppNotStarted, start.Last, "%v%s; requests get 502.5", err, cmp.Or(cause(start.Last), cause(start.Output)))
	}
}

func (p *Processes) crashed(proc *process) {
	last := proc.output.last()
	p.report(eventlog.AppEnded, last, "the app's process %d has ended unasked: %v%s; the next request starts it again", proc.pid, proc.ending(), cause(last))
}

func (p *Processes) stopped(proc *process) {
	p.report(eventlog.AppStopped, "", "the app's process %d has ended as asked: %v", proc.pid, proc.ending())
}

func (p *Processes) killed(proc *process) {
	p.report(eventlog.AppKilled, "", "the app's process %d has not ended within shutdownTimeLimit, %v, and is killed", proc.pid, p.opt.Config.ShutdownTimeLimit)
}

// redaction returns a Redaction of the values that the configuration gives the app, and
// of Secrets.
func (o *Options) redaction() redact.Redaction {
	var variables []string
	for _, v := range o.Config.Environment {
		variables = append(variables, v.Name+"="+v.Value)
	}
	return redact.New(append(variables, o.Secrets...)...)
}

// cause returns why an app in .NET has ended, in brackets, or "".
func cause(output string) string {
	if why := eventlog.Death(output); why != "" {
		return " (" + why + ")"
	}
	return ""
}
