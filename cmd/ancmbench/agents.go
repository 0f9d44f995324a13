package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"ancmbench/fleet"
	"ancmbench/internal/clean"
)

// listenFor is how long 'agents' waits for agents to dial in.
const listenFor = 5 * time.Second

func newAgentsCommand() *cobra.Command {
	f := &fleetFlags{}
	var v verbosity
	c := &cobra.Command{
		Use:   "agents",
		Short: "List the hosts that dial in, or make the token that lets them",
		Long: `agents listens for 5 seconds and lists the agents that dial in: what they offer, their
cores and version, and how far their clock is from this one's. Agents that were listed
go on waiting for a run.`,
		Example: `  ancmbench agents new-token t
  ancmbench agents --listen 10.0.0.1:4333 --token-file t`,
		RunE: func(c *cobra.Command, args []string) error { return listAgents(c, f, v) },
	}
	f.addBus(c)
	addVerbosity(c, &v, verbosityHelp{"print the names of the hosts alone, one a line", "print the process and the version of each agent as well", "print one JSON object"})
	c.AddCommand(&cobra.Command{
		Use:   "new-token FILE",
		Short: "Make the file that lets agents join: a token, and a key and certificate for TLS",
		Long: `new-token writes a new file that only its owner can read: a token, and the key and
certificate of the host that runs measurements. Copy it to every host. Who has the file
can join runs as an agent, and can start runs on agents that have it.`,
		Example: `  ancmbench agents new-token t`,
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			t, err := fleet.NewToken()
			if err == nil {
				err = t.Save(args[0])
			}
			if errors.Is(err, fs.ErrExist) {
				return usageError("agents new-token: %s exists, and is not overwritten: give another name", clean.Terminal(args[0]))
			}
			if err != nil {
				return fmt.Errorf("agents new-token: %w", err)
			}
			fmt.Fprintf(c.OutOrStdout(), "wrote %s: copy it to every host, and keep it secret\n", clean.Terminal(args[0]))
			return nil
		},
	})
	return c
}

// dialledIn is what agents --json prints.
type dialledIn struct {
	Agents  []fleet.Member `json:"agents"`
	Refused []string       `json:"refused"` // a sentence for each host whose agent has another version or token
}

// listAgents listens and shows who dials in.
func listAgents(c *cobra.Command, f *fleetFlags, v verbosity) error {
	if f.listen == "" && f.nats == "" {
		return usageError("agents needs an address to listen at, as --listen 10.0.0.1:4333, or --nats")
	}
	bus, err := f.bus()
	if err != nil {
		return err
	}
	co, err := fleet.Open(fleet.Options{Bus: bus, Version: version()})
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
	var refused []string
	for _, why := range co.Refusals() {
		refused = append(refused, why.Error())
	}
	if v.asJSON {
		return writeJSON(c.OutOrStdout(), dialledIn{Agents: members, Refused: refused})
	}
	showAgents(c.OutOrStdout(), members, v)
	for _, text := range refused {
		fmt.Fprintln(c.OutOrStdout(), clean.Terminal(text))
	}
	return nil
}

// showAgents prints one line per agent.
func showAgents(w io.Writer, members []fleet.Member, v verbosity) {
	if v.quiet {
		for _, m := range members {
			fmt.Fprintln(w, clean.Terminal(m.Host))
		}
		return
	}
	if len(members) == 0 {
		fmt.Fprintf(w, "no agent dialled in within %v\n", listenFor)
		return
	}
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Options = table.OptionsNoBordersAndSeparators
	t.Style().Format.Header = text.FormatDefault
	head := table.Row{"agent", "host", "offers", "cores", "clock", "known within"}
	if v.verbose {
		head = append(head, "pid", "version")
	}
	t.AppendHeader(head)
	for _, m := range members {
		row := table.Row{m.Name, clean.Terminal(m.Host), offers(m), m.Cores,
			fmt.Sprintf("%+.3f ms", m.Clock.Offset.Float()*1e3), fmt.Sprintf("%.3f ms", m.Clock.Uncertainty.Float()*1e3)}
		if v.verbose {
			row = append(row, m.PID, clean.Terminal(m.Version))
		}
		t.AppendRow(row)
	}
	fmt.Fprintln(w, t.Render())
}

func offers(m fleet.Member) string {
	var out []string
	if m.Load {
		out = append(out, "load")
	}
	if m.Serve {
		out = append(out, "serve")
	}
	return strings.Join(out, ", ")
}
