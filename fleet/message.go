package fleet

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"ancmbench"
	"ancmbench/experiment/targets"
	"ancmbench/loadgen"
)

// protocol is the version of the messages. It grows when a message changes its meaning.
const protocol = 1

// The subjects on which messages travel.
const (
	toCoordinator = "ancmbench.coordinator"
	toAll         = "ancmbench.all"
	toAgent       = "ancmbench.agent." // and the agent's id
)

// idPattern is what an agent's id looks like. It becomes part of a subject, in which a dot
// or a star would mean something else.
var idPattern = regexp.MustCompile(`^[A-Z2-7]{20,40}$`)

func newID() string { return rand.Text() }

// agentPatience is how long an agent goes on without a word of its coordinator. It then stops
// all it does, so that nothing is sent 2 s after the coordinator died.
const agentPatience = 1500 * time.Millisecond

// message is what one peer sends to another. A call gets one answer with its number.
type message struct {
	From string `json:"from"`
	// Op says what is asked or told; empty in an answer.
	Op   string          `json:"op,omitempty"`
	Call uint64          `json:"call,omitempty"`
	Body json.RawMessage `json:"body,omitempty"`
	// Fault is why a call failed; nil in any other message.
	Fault *fault `json:"fault,omitempty"`
}

// The operations.
const (
	opHello = "hello" // an agent joins
	opBeat  = "beat"  // an agent lives; has no answer
	opPulse = "pulse" // the coordinator lives; has no answer
	opBye   = "bye"   // the coordinator needs the agent no more; has no answer
	opWho   = "who"   // is there a coordinator?
	opLeave = "leave" // an agent ends its session; has no answer

	opClock   = "clock"   // what the agent's clock shows
	opPrepare = "prepare" // open the connections of a load
	opBegin   = "begin"   // begin it at an instant
	opResults = "results" // wait for its end
	opStop    = "stop"    // end it early
	opRun     = "run"     // carry a whole load out; for an agent of the coordinator's process
	opRelease = "release" // close the connections of an engine
	opOnce    = "once"    // one request
)

// fault is an error that crosses the network: its text, and which of the errors that
// callers know it wraps.
type fault struct {
	Text  string   `json:"text"`
	Kinds []string `json:"kinds,omitempty"`
	// Status is that of a loadgen.StatusError; 0 if it wraps none.
	Status int `json:"status,omitempty"`
}

// known are the errors that keep their identity from machine to machine.
var known = map[string]error{
	"errors":      loadgen.ErrErrors,
	"wrong model": loadgen.ErrWrongModel,
	"final":       targets.ErrFinal,
	"unsupported": errors.ErrUnsupported,
	"refused":     ErrRefused,
	"version":     ErrVersion,
	"late":        errLate,
	"left":        errLeft,
}

// faultOf returns an error as it crosses the network; nil for nil.
func faultOf(err error) *fault {
	if err == nil {
		return nil
	}
	f := &fault{Text: err.Error()}
	for kind, is := range known {
		if errors.Is(err, is) {
			f.Kinds = append(f.Kinds, kind)
		}
	}
	var status *loadgen.StatusError
	if errors.As(err, &status) {
		f.Status = status.Status
	}
	return f
}

// err returns the error that crossed the network; nil for nil.
func (f *fault) err() error {
	if f == nil {
		return nil
	}
	return &remoteError{*f}
}

// remoteError is an error of another machine.
type remoteError struct{ fault fault }

func (e *remoteError) Error() string { return e.fault.Text }

func (e *remoteError) Is(target error) bool {
	return slices.ContainsFunc(e.fault.Kinds, func(kind string) bool { return known[kind] == target && target != nil })
}

func (e *remoteError) As(target any) bool {
	status, is := target.(**loadgen.StatusError)
	if is && e.fault.Status != 0 {
		*status = &loadgen.StatusError{Status: e.fault.Status}
	}
	return is && e.fault.Status != 0
}

// hello is what an agent says of itself when it joins.
type hello struct {
	Protocol int    `json:"protocol"`
	Version  string `json:"version"`
	// Host is the name of the agent's machine, for people.
	Host  string `json:"host"`
	PID   int    `json:"pid"`
	Cores int    `json:"cores"`
	// Load and Serve say what the agent offers to do.
	Load  bool `json:"load"`
	Serve bool `json:"serve"`
	// Commands reports whether it was allowed, on its host, to start commands.
	Commands bool `json:"commands,omitempty"`
	// Address is the agent's own address of its connection to the coordinator, at which
	// load agents reach what it serves.
	Address string `json:"address,omitempty"`
	// Facts describes the agent's machine, and what makes it unfit to measure on.
	Facts *ancmbench.Host `json:"facts,omitempty"`
	// Local marks an agent of the coordinator's own process.
	Local bool `json:"local,omitempty"`
}

// welcome is the answer to a hello.
type welcome struct {
	Name string `json:"name"`
}

// beat says that an agent lives and what it does.
type beat struct {
	State  string `json:"state"`
	Done   int64  `json:"done,omitempty"`
	Failed int64  `json:"failed,omitempty"`
}

// bye tells an agent that its coordinator ends.
type bye struct {
	// Again says that this was no run: the agent goes on to wait for one.
	Again bool `json:"again,omitempty"`
}

// prepare asks a load agent to open the connections of its part of a load.
type prepare struct {
	// Engine is the name of the engine, and Threads a setting of it.
	Engine  string         `json:"engine"`
	Threads int            `json:"threads,omitempty"`
	Load    ancmbench.Load `json:"load"`
	// Serving are the addresses of the serving agents of this run. Unless the agent was
	// told otherwise on its host, it sends to these alone.
	Serving []string `json:"serving,omitempty"`
}

// begin says when a prepared load begins, by the clock of the agent.
type begin struct {
	At instant `json:"at"`
}

// results are what a load agent observed. Fault is why its engine stopped early.
type results struct {
	Results []ancmbench.Result `json:"results"`
	Fault   *fault             `json:"fault,omitempty"`
	// Edges are those at which the agent read what its targets cost, if it serves them
	// itself: they follow the drains, and no timetable.
	Edges []edge `json:"edges,omitempty"`
}

// edge is a loadgen.Edge. Slice and Target count from 1, because messages have no negative
// numbers; 0 stands for -1.
type edge struct {
	Slice  int     `json:"slice_from_1"`
	Target int     `json:"target_from_1"`
	At     instant `json:"at"`
}

// once asks a load agent to send one request.
type once struct {
	Target  ancmbench.Target `json:"target"`
	Serving []string         `json:"serving,omitempty"`
}

// reading is what the clock of an agent shows.
type reading struct {
	Now instant `json:"now"`
}

// answered is how long one request took.
type answered struct {
	Took ancmbench.Seconds `json:"took_seconds"`
}

// decode reads a message or a part of one, within the bounds of a results file.
func decode(data []byte, into any) error {
	if len(data) == 0 {
		return errors.New("an empty message")
	}
	if err := ancmbench.UnmarshalBounded(data, into); err != nil {
		return fmt.Errorf("a message that cannot be read: %w", err)
	}
	return nil
}
