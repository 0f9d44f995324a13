package redact

import (
	"testing"
)

func TestRedaction(t *testing.T) {
	hide := New("CONNECTION=Server=db;Password=Kn0wledge", "SHORT=1", "KEY=abcdefgh", "LONGER=abcdefghijk",
		"Logging__LogLevel__Default=Warning", "DOTNET_gcServer=enabled")
	for text, want := range map[string]string{
		"cannot open Server=db;Password=Kn0wledge": "cannot open (hidden)",
		"abcdefghijk and abcdefgh":                 "(hidden) and (hidden)",
		"1 of 1":                                   "1 of 1",
		"token 5c3e4ec2-1a0b-4a7e-9d56-1e5be4a3a1f0 refused":              "token (token) refused",
		"Host=x;Username=sa;Pwd=hunter2;Timeout=5":                        "Host=x;Username=sa;Pwd=(hidden);Timeout=5",
		`{"ApiKey": "s3cr3t", "port": 5}`:                                 `{"ApiKey": (hidden), "port": 5}`,
		"Authorization: Bearer eyJhbGciOi":                                "Authorization: (hidden)",
		"app --db-password hunter22 --port 80":                            "app --db-password (hidden) --port 80",
		"AccountKey=abc123==;EndpointSuffix=core":                         "AccountKey=(hidden);EndpointSuffix=core",
		"amqp://user:pass@mq.example:5672/v?x=1 is down":                  "amqp://(hidden)@mq.example:5672/v?(hidden) is down",
		"http://127.0.0.1:5000/path":                                      "http://127.0.0.1:5000/path",
		"Failed to bind to address http://127.0.0.1:5000: address in use": "Failed to bind to address http://127.0.0.1:5000: address in use",
		"see (http://user:pw@a/b?c=d).":                                   "see (http://(hidden)@a/b?(hidden)).",
		"the file app.dll was not found":                                  "the file app.dll was not found",
		"Warning: not enabled":                                            "Warning: not enabled",
		"ended: exit status 3":                                            "ended: exit status 3",
	} {
		if got := hide.Redact(text); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", text, got, want)
		}
	}
}
