package fleet

import (
	"encoding/json"
	"testing"
	"time"

	"ancmbench/experiment/targets"
)

// Pauses of collectors are moved by what the clocks are apart, and an instant that is not
// known stays so.
func TestMovePauses(t *testing.T) {
	at := time.Date(2025, 1, 2, 3, 4, 5, 6, time.UTC)
	var c targets.Costs // as a message brings it
	said := `{"Pauses":[{"pauses":[{"end":"2025-01-02T03:04:05.000000006Z","length":1000000}],"pauses_from":"2025-01-02T03:04:05.000000006Z"},{}]}`
	if err := json.Unmarshal([]byte(said), &c); err != nil || len(c.Pauses) != 2 || len(c.Pauses[0].Pauses) != 1 {
		t.Fatal(c, err)
	}
	kept := c.Pauses[0].Pauses
	movePauses(&c, -3*time.Second)
	if got := c.Pauses[0]; !got.PausesFrom.Equal(at.Add(-3*time.Second)) || !got.Pauses[0].End.Equal(at.Add(-3*time.Second)) || got.Pauses[0].Length != time.Millisecond {
		t.Errorf("moved to %+v", got)
	}
	if !c.Pauses[1].PausesFrom.IsZero() || !kept[0].End.Equal(at) {
		t.Errorf("from %v, and the caller's is at %v", c.Pauses[1].PausesFrom, kept[0].End)
	}
}

// edgesRead is a target that tells at which edges its CPU was read.
type edgesRead struct {
	targets.Running
	at chan time.Time
}

func (e *edgesRead) Edge(at time.Time) { e.at <- at }

// A load that begins anew is read at its own edges alone, and not at all once a load that did
// not begin was read.
func TestEdgesOfOneLoadAreRead(t *testing.T) {
	_, s := nobody(t)
	e := &edgesRead{at: make(chan time.Time, 9)}
	one := &served{running: e, cancel: func() {}}
	defer one.endReading()
	now := s.clock.now()
	if err := s.readAt(one, []instant{instantOf(now + time.Hour), instantOf(now + 2*time.Hour)}); err != nil {
		t.Fatal(err)
	}
	edges := []instant{instantOf(now), instantOf(now + time.Millisecond), instantOf(now + 2*time.Hour)}
	if err := s.readAt(one, edges); err != nil {
		t.Fatal(err)
	}
	for _, want := range edges[:2] {
		if at := <-e.at; !at.Equal(s.clock.at(want.d())) {
			t.Errorf("read at %v, want %v", at, s.clock.at(want.d()))
		}
	}
	if err := s.readAt(one, edges); err == nil {
		t.Error("the edges of two loads were read as those of one")
	}
	one.endReading()
	if n := len(e.at); n != 0 {
		t.Errorf("%d edges too many", n)
	}
}
