//go:build unix

package dotnet_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// compareSockets holds both apps to the same conversations.
func compareSockets(t *testing.T, goApp, csApp string) {
	big := bytes.Repeat([]byte("abc"), 300_000)
	for _, c := range []struct {
		name string
		talk func(ctx context.Context, ws *websocket.Conn) string
		want string
	}{
		{"text", echoed(websocket.MessageText, []byte("hello")), "MessageText 5 true"},
		{"bytes", echoed(websocket.MessageBinary, []byte{0, 255, 1}), "MessageBinary 3 true"},
		{"nothing", echoed(websocket.MessageText, nil), "MessageText 0 true"},
		{"900 kB", echoed(websocket.MessageBinary, big), "MessageBinary 900000 true"},
		{"fragments", func(ctx context.Context, ws *websocket.Conn) string {
			w, err := ws.Writer(ctx, websocket.MessageText)
			if err != nil {
				return err.Error()
			}
			for _, part := range []string{"one ", "two ", "three"} {
				if _, err := w.Write(bytes.Repeat([]byte(part), 3000)); err != nil { // more than the library buffers
					return err.Error()
				}
			}
			if err := w.Close(); err != nil {
				return err.Error()
			}
			_, b, err := ws.Read(ctx)
			return fmt.Sprint(len(b), " ", err)
		}, "39000 <nil>"},
		{"too long", func(ctx context.Context, ws *websocket.Conn) string {
			if err := ws.Write(ctx, websocket.MessageBinary, make([]byte, 1<<20+1)); err != nil {
				return err.Error()
			}
			_, _, err := ws.Read(ctx)
			return websocket.CloseStatus(err).String()
		}, "StatusMessageTooBig"},
		{"close", func(_ context.Context, ws *websocket.Conn) string {
			return fmt.Sprint(ws.Close(websocket.StatusCode(4001), "enough")) // nil if the app says the same
		}, "<nil>"},
	} {
		for app, address := range map[string]string{"Go": goApp, "C#": csApp} {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			ws, response, err := websocket.Dial(ctx, "ws://"+address+"/ws", nil)
			if err != nil {
				t.Fatal(app, err)
			}
			if response.Header.Get("X-Ancm-App-Pid") == "" || response.Header.Get("Sec-WebSocket-Extensions") != "" {
				t.Errorf("%s, %s: fields %v", app, c.name, response.Header)
			}
			ws.SetReadLimit(2 << 20)
			if got := c.talk(ctx, ws); got != c.want {
				t.Errorf("%s, %s: %s, want %s", app, c.name, got, c.want)
			}
			_ = ws.CloseNow()
			cancel()
		}
	}
}

// echoed sends a message and says what comes back.
func echoed(kind websocket.MessageType, message []byte) func(context.Context, *websocket.Conn) string {
	return func(ctx context.Context, ws *websocket.Conn) string {
		if err := ws.Write(ctx, kind, message); err != nil {
			return err.Error()
		}
		k, b, err := ws.Read(ctx)
		if err != nil {
			return errors.Join(errors.New("read"), err).Error()
		}
		return fmt.Sprint(k, " ", len(b), " ", bytes.Equal(b, message))
	}
}
