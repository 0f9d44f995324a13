package appprocess

import (
	"strings"
	"testing"

	"ancmbench/models/ancm/eventlog"
	"ancmbench/models/ancm/redact"
)

// The page of a failed start and the line of an event show no secret. The event stays
// one line.
func TestPageAndEventHideSecrets(t *testing.T) {
	const output = "begin\nPassword=hunter2\n\x1b]0;title\x07 SECRETVALUE \u202e\n"
	hide := redact.New("NAME=SECRETVALUE")
	page := string(startPage(&StartError{Reason: errLate, Output: output}, true, hide))
	line := eventlog.Event{Text: hide.Redact(output), Output: eventlog.LastLines(hide.Redact(output))}.String()
	for _, text := range []string{page, line} {
		for _, secret := range []string{"hunter2", "SECRETVALUE"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s in %q", secret, text)
			}
		}
		if !strings.Contains(text, "begin") {
			t.Errorf("nothing is left: %q", text)
		}
	}
	if strings.ContainsAny(line, "\x1b\x07\n\u202e") {
		t.Errorf("%q is not one harmless line", line)
	}
}
