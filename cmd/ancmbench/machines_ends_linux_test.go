package main

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// listens returns the URL at which a command waits for agents.
func (r *running) listens() string {
	r.m.t.Helper()
	r.awaits("agents: waiting at ")
	at := regexp.MustCompile(`waiting at (\S+) for`).FindStringSubmatch(r.said.String())
	if at == nil {
		r.m.t.Fatalf("it does not say where it waits: %s", r.said)
	}
	return "nats://" + at[1]
}

// Whenever a run ends, and whoever does not fit, each process ends with its own sentence and
// exit code, and none is left.
func TestEndsOfAgentsAndRuns(t *testing.T) {
	skipShort(t)
	t.Parallel()
	m := oneMachine(t)
	m.run(0, "agents", "new-token", "t")
	m.run(0, "agents", "new-token", "other")
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) }))
	t.Cleanup(site.Close)
	load := func(more ...string) *running {
		return m.start(0, append([]string{"load", site.URL, "-c", "2", "-r", "100", "-d", "60s"}, more...)...)
	}
	agent := func(url, token string, more ...string) *running {
		return m.start(0, append([]string{"agent", "--join", url, "--token-file", token, "--load", "--allow-target=127.0.0.1"}, more...)...)
	}

	t.Run("strangers", func(t *testing.T) {
		waiting := load("--listen=127.0.0.1:0", "--token-file=t", "--load-agents=1")
		url := waiting.listens()
		agent(url, "other").fails(exitTool, "another certificate than the token file")
		load("--listen="+strings.TrimPrefix(url, "nats://"), "--token-file=t", "--load-agents=1").fails(exitTool, "agents cannot join at", "address already in use")
		agent("nats"+strings.TrimPrefix(site.URL, "http"), "t").fails(exitTool, "does not speak TLS")
		waiting.signal(syscall.SIGINT) // while it waits for agents
		waiting.fails(exitInterrupted, "interrupted")
	})

	t.Run("an agent leaves, and one that stays goes on", func(t *testing.T) {
		first := load("--listen=127.0.0.1:0", "--token-file=t", "--load-agents=1")
		stay := agent(first.listens(), "t", "--stay")
		stay.awaits("sending load")
		first.signal(syscall.SIGINT) // during the load: what was seen is printed
		first.exits(exitInterrupted)
		at := strings.TrimPrefix(first.listens(), "nats://")
		for range 2 {
			next := load("--listen="+at, "--token-file=t", "--load-agents=1", "-d=100ms")
			next.exits(0)
		}
		last := load("--listen="+at, "--token-file=t", "--load-agents=1")
		stay.until("it sends the fourth load", func() bool { return strings.Count(stay.said.String(), "sending load") >= 4 })
		stay.signal(syscall.SIGINT)
		stay.fails(exitInterrupted, "interrupted")
		last.fails(exitInvalid, "was lost: it left")
	})

	t.Run("too few", func(t *testing.T) {
		few := load("--listen=127.0.0.1:0", "--token-file=t", "--load-agents=2", "--agents-within=2s")
		one := agent(few.listens(), "t")
		few.fails(exitInvalid, "of 2 agents with --load joined within 2s")
		one.exits(0)
		load("--start-agents=local:1", "--load-agents=3").fails(exitUsage, "--start-agents local:1 starts 1")
		load("--start-agents=local:3").fails(exitUsage, "2 connections for 3 load agents: each needs one")
	})

	t.Run("started agents end with an interrupted load", func(t *testing.T) {
		local := load("--start-agents=local:2")
		local.awaits("agent 2")
		local.signal(syscall.SIGINT)
		local.exits(exitInterrupted)
	})
}
