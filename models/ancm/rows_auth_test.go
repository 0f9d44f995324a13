package ancm

import (
	"strings"
	"testing"
)

func TestWindowsAuthentication(t *testing.T) {
	t.Run("WA-03_token_of_a_client_is_removed", func(t *testing.T) { eachFront(t, testTokenNotInjected) })
}

// In whatever letters, however often, and also when the client calls the field
// one of the connection.
func testTokenNotInjected(t *testing.T, kind string) {
	rec := startRecorder(t)
	address := startFront(t, kind, &Forwarder{Backends: Fixed(rec.Backend)})
	for _, fields := range []string{
		"MS-ASPNETCORE-WINAUTHTOKEN: 1f4\r\n",
		"ms-aspnetcore-winauthtoken: 1f4\r\nMs-AspNetCore-WinAuthToken: 1f4\r\n",
		"Connection: MS-ASPNETCORE-WINAUTHTOKEN\r\nMS-ASPNETCORE-WINAUTHTOKEN: 1f4\r\n",
		"X-Forwarded-For: 10.0.0.1\r\nmS-aspnetcore-winauthtokeN:1f4\r\n",
	} {
		sendRaw(t, address, "GET / HTTP/1.1\r\nHost: a\r\n"+fields+"\r\n")
		head := <-rec.heads
		if strings.Contains(strings.ToLower(strings.Join(head, "\n")), "winauthtoken") {
			t.Errorf("sent %q, the app got\n%s", fields, strings.Join(head, "\n"))
		}
		wantValues(t, head, "MS-ASPNETCORE-TOKEN", testToken)
	}
}
