package app

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func TestSinkAnswersTheLength(t *testing.T) {
	for _, n := range []int{0, 1, 100_000} {
		w := httptest.NewRecorder()
		Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/sink", strings.NewReader(strings.Repeat("x", n))))
		want := map[int]string{0: "0\n", 1: "1\n", 100_000: "100000\n"}[n]
		if b, _ := io.ReadAll(w.Body); w.Code != 200 || string(b) != want {
			t.Errorf("%d bytes: %d %q", n, w.Code, b)
		}
	}
}

func TestSocketSendsBack(t *testing.T) {
	s := httptest.NewServer(Handler())
	defer s.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	c, _, err := websocket.Dial(ctx, s.URL+"/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.CloseNow() }()
	for _, m := range [][]byte{[]byte("a"), bytes.Repeat([]byte("b"), 30_000)} {
		if err := c.Write(ctx, websocket.MessageBinary, m); err != nil {
			t.Fatal(err)
		}
		kind, back, err := c.Read(ctx)
		if err != nil || kind != websocket.MessageBinary || !bytes.Equal(back, m) {
			t.Errorf("%d bytes came back as %d, %v", len(m), len(back), err)
		}
	}
	resp, err := http.Get(s.URL + "/ws")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("without an upgrade: %s", resp.Status)
	}
}
