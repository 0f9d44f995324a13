package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"ancmbench/fleet"
	"ancmbench/internal/clean"
)

// listenFor is how long 'agents' waits for agents to dial in.
const listenFor = 5 * time.Second

func newAgentsCommand() *cobra.Command {
	f := &fleetFlags{}
	var asJSON bool
	c := &cobra.Command{
		Use:   "agents",
		Short: "List the hosts that dial in, or make the token that lets them",
		Long: `agents listens for 5 seconds and lists the agents that dial in: what they offer, their
cores and version, and how far their clock is from this one's. Agents that were listed
go on waiting for a run.`,
		Example: `  ancmbench agents new-token t
  ancmbench agents --listen 10.0.0.1:4333 --token-file t`,
		RunE: func(c *cobra.Command, args []string) error { return listAgents(c, f, asJSON) },
	}
	f.addBus(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	c.AddCommand(&cobra.Command{
		Use:   "new-token FILE",
		Short: "Make the file that lets agents join: a token, and a key and certificate for TLS",
		Long: `new-token writes a new file that only its owner can read: a token, and the key and
certificate of the host that runs measurements. Copy it to every host. Who has the file
can join runs as an agent, and can start runs on agents that have it.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			t, err := fleet.NewToken()
			if err == nil {
				err = t.Save(args[0])
			}
			if err != nil {
				return fmt.Errorf("new-token: %w", err)
			}
			fmt.Fprintf(c.OutOrStdout(), "wrote %s: copy it to every host, and keep it secret\n", args[0])
			return nil
		},
	})
	return c
}

// listAgents listens and shows who dials in.
func listAgents(c *cobra.Command, f *fleetFlags, asJSON bool) error {
	if f.listen == "" && f.nats == "" {
		return usageError("agents needs an address to listen at, as --listen 10.0.0.1:4333, or --nats")
	}
	bus, err := f.bus()
	if err != nil {
		return err
	}
	var refused []string
	co, err := fleet.Open(fleet.Options{Bus: bus, Version: version(), Changed: func(text string) {
		if strings.Contains(text, fleet.ErrVersion.Error()) {
			refused = append(refused, text)
		}
	}})
	if err != nil {
		return err
	}
	defer co.Close(true)
	timer := time.NewTimer(listenFor)
	defer timer.Stop()
	select {
	case <-c.Context().Done():
		return c.Context().Err()
	case <-timer.C:
	}
	members := co.Members(c.Context())
	co.Close(true)
	if asJSON {
		return writeJSON(c.OutOrStdout(), map[string]any{"agents": members, "refused": refused})
	}
	showAgents(c.OutOrStdout(), members)
	for _, text := range refused {
		fmt.Fprintln(c.OutOrStdout(), clean.Terminal(text))
	}
	return nil
}

// showAgents prints one line per agent.
func showAgents(w io.Writer, members []fleet.Member) {
	if len(members) == 0 {
		fmt.Fprintf(w, "no agent dialled in within %v\n", listenFor)
		return
	}
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"agent", "host", "pid", "offers", "cores", "version", "clock", "known within"})
	for _, m := range members {
		offers := []string{}
		if m.Load {
			offers = append(offers, "load")
		}
		if m.Serve {
			offers = append(offers, "serve")
		}
		t.AppendRow(table.Row{m.Name, clean.Terminal(m.Host), m.PID, strings.Join(offers, ", "), m.Cores, clean.Terminal(m.Version),
			fmt.Sprintf("%+.3f ms", m.Clock.Offset.Float()*1e3), fmt.Sprintf("%.3f ms", m.Clock.Uncertainty.Float()*1e3)})
	}
	fmt.Fprintln(w, t.Render())
}
