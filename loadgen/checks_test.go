package loadgen

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ancmbench"
)

func findCheck(t *testing.T, res ancmbench.Result, name string) ancmbench.Check {
	t.Helper()
	for _, c := range res.Checks {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no check %s in %+v", name, res.Checks)
	return ancmbench.Check{}
}

func warned(res ancmbench.Result, code ancmbench.WarningCode) bool {
	return slices.ContainsFunc(res.Warnings, func(w ancmbench.Warning) bool { return w.Code == code })
}

// By hand: for one sample at the median both logarithms are ln 1/2; for ln 2 and
// ln 4, F is 1/2 and 3/4, and the sum is ln(1/2 1/4) + 3 ln(3/4 1/2).
func TestAndersonByHand(t *testing.T) {
	if got, want := andersonExponential([]float64{math.Ln2}), -1+2*math.Ln2; math.Abs(got-want) > 1e-12 {
		t.Errorf("one sample: %v, want %v", got, want)
	}
	want := -2 - (math.Log(1.0/8)+3*math.Log(3.0/8))/2
	if got := andersonExponential([]float64{2 * math.Ln2, math.Ln2}); math.Abs(got-want) > 1e-12 {
		t.Errorf("two samples: %v, want %v", got, want)
	}
}

// The statistic keeps its 1 % point: of 400 samples that follow the law, about
// 4 exceed it, and at most 13 but once in ten thousand times.
func TestAndersonKeepsItsLevel(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	over, caught := 0, 0
	for range 400 {
		good, bad := make([]float64, 500), make([]float64, 500)
		for i := range good {
			good[i] = rng.ExpFloat64()
			bad[i] = 1.3 * rng.ExpFloat64() // a rate off by 30 %
		}
		if andersonExponential(good) > AndersonBound {
			over++
		}
		if andersonExponential(bad) > AndersonBound {
			caught++
		}
	}
	if over > 13 || over == 0 {
		t.Errorf("%d of 400 lawful samples fail", over)
	}
	if caught < 390 {
		t.Errorf("only %d of 400 samples with a wrong rate fail", caught)
	}
}

// The due times of every random law pass, for nearly every seed.
func TestPlannedArrivalsFollowTheirLaw(t *testing.T) {
	for _, a := range []ancmbench.Arrivals{
		{Kind: ancmbench.Poisson, Rate: 1000},
		{Kind: ancmbench.Ramp, Rate: 0, RampTo: 2000, Random: true},
		{Kind: ancmbench.Steps, Random: true, Steps: []ancmbench.Step{{Rate: 1500, Duration: ancmbench.Seconds(time.Second)}, {Rate: 500, Duration: ancmbench.Seconds(time.Second)}}},
	} {
		over := 0
		for seed := range uint64(100) {
			load := someLoad(a.Kind, 1, ancmbench.Single, 1, 2*time.Second)
			load.Arrivals = a
			load.Arrivals.Seed = seed
			p := mustPlan(t, load)
			var gaps []float64
			before := 0.0
			for _, at := range virtualDues(p)[0] {
				u := p.stream.law.count(at.Seconds())
				gaps = append(gaps, u-before)
				before = u
			}
			if andersonExponential(gaps) > AndersonBound {
				over++
			}
		}
		if over > 6 { // 1 expected; more than 6 once in ten thousand times
			t.Errorf("%s: %d of 100 seeds fail at 1 %%", a.Kind, over)
		}
	}
}

// Over one connection a server that takes long spaces what is sent; the generator
// kept its law all the same. One that is late itself did not.
func TestArrivalsWaitForAConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		load := someLoad(ancmbench.Poisson, 500, ancmbench.Single, 1, 10*time.Second)
		load.Connections = 1
		value := func(r *Recorder) float64 {
			c := &checking{res: &ancmbench.Result{}}
			r.checkArrivals(c)
			return c.res.Checks[0].Value
		}
		delay := func(int) time.Duration { return time.Millisecond }
		if v := value(connection(mustPlan(t, load), delay)); v > AndersonBound {
			t.Errorf("a server of 1 ms: %v", v)
		}
		if v := value(lateGenerator(mustPlan(t, load), delay)); v < arrivalsBound {
			t.Errorf("a generator that sends one in a millisecond: %v", v)
		}
	})
}

// A server that stands still for 2 s owes what waited for a connection meanwhile. The
// generator, which sent at once whenever one was free, is not blamed, and no advice
// takes the wait out of the response times again.
func TestStallCountsForTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := connection(mustPlan(t, someLoad(ancmbench.Constant, 100, ancmbench.Single, 1, 10*time.Second)), func(n int) time.Duration {
			if n == 100 {
				return 2 * time.Second
			}
			return 100 * time.Microsecond
		})
		res := r.Result()
		r.Check(&res, Generator{Elapsed: 10 * time.Second, Threads: 1})
		for _, code := range []ancmbench.WarningCode{ancmbench.WarnLag, ancmbench.WarnLagP99, ancmbench.WarnLagMax, ancmbench.WarnServiceHeadline,
			ancmbench.WarnArrivals, ancmbench.WarnSpacing, ancmbench.WarnFewConnections} {
			if warned(res, code) {
				t.Errorf("%s is warned of: %+v", code, res.Warnings)
			}
		}
		if !warned(res, ancmbench.WarnWaited) || findCheck(t, res, checkWaited).OK() || !findCheck(t, res, checkLagMax).OK() {
			t.Errorf("%+v", res.Warnings)
		}
		near(t, "the longest wait", res.Wait.Max(), 1990*time.Millisecond, 0.001)
		near(t, "response max", res.Response.Max(), 2*time.Second, 0.001)
	})
}

// Two connections to a server of 2 s cannot carry 10 requests/s, which would keep 20 busy.
func TestFewConnections(t *testing.T) {
	load := someLoad(ancmbench.Constant, 10, ancmbench.Single, 1, 20*time.Second)
	load.Connections = 2
	r := NewRecorder(mustPlan(t, load), 0)
	r.SliceBegin(r.plan.Segment(0), 0)
	free := make([]time.Duration, 2)
	for _, due := range virtualDues(r.plan)[0] {
		sent := max(due, min(free[0], free[1]))
		free[slices.Index(free, min(free[0], free[1]))] = sent + 2*time.Second
		r.Add(Record{Due: due, Sent: sent, Wait: sent - due, Done: sent + 2*time.Second})
	}
	r.SliceEnd(200 * time.Second)
	res := r.Result()
	r.Check(&res, Generator{Elapsed: 200 * time.Second, Threads: 1})
	i := slices.IndexFunc(res.Warnings, func(w ancmbench.Warning) bool { return w.Code == ancmbench.WarnFewConnections })
	if i < 0 || math.Abs(res.Warnings[i].Value-20) > 0.1 || res.Warnings[i].Bound != 2 || warned(res, ancmbench.WarnLag) {
		t.Errorf("%+v", res.Warnings)
	}
}

// A lawful generator and server pass every check, in slices too.
func TestChecksPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(5, 6))
		load := someLoad(ancmbench.Poisson, 500, ancmbench.Slices, 1, 10*time.Second)
		r := connection(mustPlan(t, load), func(int) time.Duration { return time.Duration(20e3 + 20e3*rng.Float64()) })
		res := r.Result()
		r.Check(&res, Generator{Elapsed: 10 * time.Second, CPU: time.Second, Threads: 1, Unsupported: map[string]string{checkRunQueue: "not here"}})
		for _, c := range res.Checks {
			if !c.OK() {
				t.Errorf("%+v", c)
			}
		}
		if len(res.Warnings) != 0 {
			t.Errorf("warnings %+v", res.Warnings)
		}
		if c := findCheck(t, res, checkRunQueue); c.Unsupported != "not here" {
			t.Errorf("%+v", c)
		}
		if c := findCheck(t, res, checkPoisson); c.Unsupported != "" || c.Value == 0 {
			t.Errorf("%+v", c)
		}
		if c := findCheck(t, res, checkEffective); c.Value < 4000 || c.Value > 6000 {
			t.Errorf("%+v", c)
		}
	})
}

// Each fault trips its own check.
func TestChecksFail(t *testing.T) {
	fine := Generator{Elapsed: 10 * time.Second, CPU: time.Second, Threads: 1}
	short := func(int) time.Duration { return 50 * time.Microsecond }
	for _, c := range []struct {
		name  string
		kind  ancmbench.ArrivalKind
		delay func(nth int) time.Duration
		g     Generator
		extra func(r *Recorder)
		code  ancmbench.WarningCode
		check string
	}{
		{"one connection cannot keep up", ancmbench.Constant, func(int) time.Duration { return 3 * time.Millisecond }, fine, nil, ancmbench.WarnRateNotReached, RateCheck},
		{"waited", ancmbench.Constant, func(int) time.Duration { return 3 * time.Millisecond }, fine, nil, ancmbench.WarnWaited, checkWaited},
		{"late generator", ancmbench.Constant, func(int) time.Duration { return 3 * time.Millisecond }, fine, nil, ancmbench.WarnLag, checkLagP50},
		{"late generator, at the p99", ancmbench.Constant, func(n int) time.Duration {
			if n%1000 == 500 {
				return 30 * time.Millisecond // some 15 requests are late by it
			}
			return 50 * time.Microsecond
		}, fine, nil, ancmbench.WarnLagP99, checkLagP99},
		{"late once", ancmbench.Constant, short, fine, func(r *Recorder) {
			r.Add(Record{Due: time.Second, Sent: 1200 * time.Millisecond, Done: 1200*time.Millisecond + 1})
		}, ancmbench.WarnLagMax, checkLagMax},
		{"late generator, queued", ancmbench.Poisson, func(int) time.Duration { return 1900 * time.Microsecond }, fine, nil, ancmbench.WarnArrivals, checkPoisson},
		{"late generator, uneven", ancmbench.Constant, func(n int) time.Duration { return time.Duration(n%2) * 3500 * time.Microsecond }, fine, nil, ancmbench.WarnSpacing, checkSpacing},
		{"drift", ancmbench.Poisson, func(n int) time.Duration { return time.Duration(50+n/50) * time.Microsecond }, fine, nil, ancmbench.WarnDrift, checkDrift},
		{"waves", ancmbench.Poisson, func(n int) time.Duration {
			return time.Duration(50+40*math.Sin(float64(n)/10)) * time.Microsecond
		}, fine, nil, ancmbench.WarnCorrelated, checkCorrelation},
		{"busy", ancmbench.Poisson, short, Generator{Elapsed: 10 * time.Second, CPU: 9 * time.Second, Threads: 1}, nil, ancmbench.WarnGeneratorBusy, checkCPU},
		{"off its core", ancmbench.Poisson, short, Generator{Elapsed: 10 * time.Second, RunQueue: 2 * time.Second}, nil, ancmbench.WarnRunQueue, checkRunQueue},
		{"paused", ancmbench.Poisson, short, Generator{Elapsed: 10 * time.Second, GCPause: 20 * time.Millisecond}, nil, ancmbench.WarnGC, checkGC},
		{"retransmits", ancmbench.Poisson, short, Generator{Elapsed: 10 * time.Second, Retransmits: 100}, nil, ancmbench.WarnRetransmits, checkRetransmits},
		{"overflows", ancmbench.Poisson, short, Generator{Elapsed: 10 * time.Second, Overflows: 1}, nil, ancmbench.WarnListenOverflow, checkOverflows},
		{"shed", ancmbench.Poisson, short, fine, func(r *Recorder) { r.Shed(1) }, ancmbench.WarnShed, checkShed},
		{"wrong model", ancmbench.Poisson, short, fine, func(r *Recorder) {
			r.Add(Record{Due: time.Second, Sent: time.Second, Done: time.Second + 1, Outcome: WrongModel})
		}, ancmbench.WarnWrongModel, checkWrongModel},
		{"errors", ancmbench.Poisson, short, fine, func(r *Recorder) {
			r.Add(Record{Due: time.Second, Sent: time.Second, Done: time.Second + 1, Outcome: Reset})
		}, ancmbench.WarnErrors, checkErrors},
		{"reconnects", ancmbench.Poisson, short, fine, func(r *Recorder) { r.Opened(500) }, ancmbench.WarnConnectionsDiffer, checkOpened},
		{"little", ancmbench.Poisson, short, fine, func(r *Recorder) {
			for range 1000 { // 500/s x 50 us are 0.025 in flight
				r.InFlight(1)
			}
		}, ancmbench.WarnLittle, checkLittle},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				carry := connection
				if strings.HasPrefix(c.name, "late generator") {
					carry = lateGenerator
				}
				r := carry(mustPlan(t, someLoad(c.kind, 500, ancmbench.Single, 1, 10*time.Second)), c.delay)
				if c.extra != nil {
					c.extra(r)
				}
				res := r.Result()
				r.Check(&res, c.g)
				check := findCheck(t, res, c.check)
				i := slices.IndexFunc(res.Warnings, func(w ancmbench.Warning) bool { return w.Code == c.code })
				if check.OK() || i < 0 {
					t.Fatalf("%+v, warnings %+v", check, res.Warnings)
				}
				// The figure is that of the check, or what it is a magnitude of.
				if w := res.Warnings[i]; math.Abs(math.Abs(w.Value)-check.Value) > 1e-12 || (w.Detail != "") != ancmbench.Warnings[c.code].Detail {
					t.Errorf("%+v of %+v", w, check)
				}
				lags := 0
				for _, code := range []ancmbench.WarningCode{ancmbench.WarnLag, ancmbench.WarnLagP99, ancmbench.WarnLagMax} {
					if warned(res, code) {
						lags++
					}
				}
				if lags > 1 {
					t.Errorf("%d warnings of lag: %+v", lags, res.Warnings)
				}
			})
		})
	}
}

// What is spun is no work.
func TestSpinningDoesNotCountAsBusy(t *testing.T) {
	r := NewRecorder(mustPlan(t, someLoad(ancmbench.Poisson, 500, ancmbench.Single, 1, time.Second)), 0)
	res := r.Result()
	r.Check(&res, Generator{Elapsed: time.Second, CPU: time.Second, Spun: 900 * time.Millisecond, Threads: 1})
	if c := findCheck(t, res, checkCPU); math.Abs(c.Value-0.1) > 1e-9 {
		t.Errorf("%+v", c)
	}
}

// Little's law holds for what was seen at random instants.
func TestLittleHolds(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	r := NewRecorder(mustPlan(t, someLoad(ancmbench.Poisson, 1000, ancmbench.Single, 1, 10*time.Second)), 0)
	r.SliceBegin(r.plan.Segment(0), 0)
	var sent, done []time.Duration
	for _, at := range virtualDues(r.plan)[0] {
		service := time.Duration(2e6 * rng.ExpFloat64())
		r.Add(Record{Due: at, Sent: at, Done: at + service})
		sent, done = append(sent, at), append(done, at+service)
	}
	r.SliceEnd(10 * time.Second)
	slices.Sort(done)
	for range 2000 {
		at := time.Duration(rng.Int64N(int64(10 * time.Second)))
		in, _ := slices.BinarySearch(sent, at)
		out, _ := slices.BinarySearch(done, at)
		r.InFlight(in - out)
	}
	res := r.Result()
	r.Check(&res, Generator{})
	if c := findCheck(t, res, checkLittle); !c.OK() || c.Unsupported != "" || c.Value == 0 {
		t.Errorf("%+v", c)
	}
}

func TestMeterSeesWork(t *testing.T) {
	m := NewMeter()
	x := 0.0
	for i := 0; time.Since(m.at) < 30*time.Millisecond; i++ {
		x += math.Sqrt(float64(i))
	}
	g := m.Read()
	if why := g.Unsupported[checkCPU]; why != "" {
		t.Skip(why, x)
	}
	if g.CPU <= 0 || g.Elapsed < 30*time.Millisecond || g.RunQueue < 0 || g.Threads < 1 {
		t.Errorf("%+v", g)
	}
}
