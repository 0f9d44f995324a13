package ancm

import (
	"context"
	"testing"
	"time"

	"github.com/coder/websocket"

	"ancmbench/models/app"
)

// An app that says 101 and then takes the connection, as net/http allows, is heard
// in-process, too; the 101 names the model.
func TestInProcessWebSocket(t *testing.T) {
	eachFront(t, func(t *testing.T, kind string) {
		address := startFront(t, kind, &InProcess{Handler: app.Handler()})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		c, resp, err := websocket.Dial(ctx, "ws://"+address+"/ws", nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.CloseNow() }()
		if n := len(resp.Header.Values("Upgrade")); resp.Header.Get("X-Ancm-Model") != "test" || n != 1 {
			t.Errorf("the 101 has %d Upgrade fields: %v", n, resp.Header)
		}
		for _, sent := range []string{"", "hello"} {
			if err := c.Write(ctx, websocket.MessageText, []byte(sent)); err != nil {
				t.Fatal(err)
			}
			if _, got, err := c.Read(ctx); err != nil || string(got) != sent {
				t.Fatalf("%q came back as %q, %v", sent, got, err)
			}
		}
	})
}
