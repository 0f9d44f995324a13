package figures

import (
	"bytes"
	"encoding/json"
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/stats"
)

var recordCurve = flag.String("record-curve", "", "write testdata/curve.json from this run of the profile curve")

// recorded is a real run of the profile curve in the fewest words.
type recorded struct {
	// OtherLoad is the mean share of all cores that other programs used.
	OtherLoad float64      `json:"other_load_share"`
	Kernel    string       `json:"kernel"`
	Cores     int          `json:"cores"`
	Points    []CurvePoint `json:"points"`
}

const recordedFile = "testdata/curve.json"

func TestRecordCurve(t *testing.T) {
	if *recordCurve == "" {
		t.Skip("no -record-curve=RUN")
	}
	run, err := ancmbench.ReadRun(*recordCurve)
	if err != nil {
		t.Fatal(err)
	}
	r := recorded{Kernel: run.Host.Kernel, Cores: run.Host.Cores,
		Points: slices.DeleteFunc(pointsOf(run, Observe(run), run.Targets[0].Name, run.Targets[1].Name), func(p CurvePoint) bool {
			return p.Kind != ancmbench.Sweep && p.Factor != ancmbench.FactorCPU && p.Factor != ancmbench.FactorWait
		})}
	for _, x := range run.Host.OtherLoad {
		r.OtherLoad += x / float64(len(run.Host.OtherLoad))
	}
	r.OtherLoad = math.Round(r.OtherLoad*1000) / 1000
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	b = bytes.ReplaceAll(b, []byte(`{"launch"`), []byte("\n"+`{"launch"`))
	if err := os.WriteFile(recordedFile, append(b, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// leftOut predicts every inner level of a kind of work from the other levels and
// gives the errors in cores, fresh start by fresh start, as logs of predicted over measured: as
// every ratio is stated, so that a fresh start whose own figure came out small by noise does
// not weigh most.
func leftOut(points []CurvePoint, work ancmbench.Factor) (extra, all map[string][]float64) {
	extra, all = map[string][]float64{}, map[string][]float64{}
	for _, f := range fitsOf(points, work) {
		for i := 1; i < len(f.levels)-1; i++ {
			left := f.levels[i]
			rest := f
			rest.levels = slices.Delete(slices.Clone(f.levels), i, i+1)
			name := left.Phase
			extra[name] = append(extra[name], math.Log(rest.moreCPU(left.Level, left.Rate)/(left.Other.CPU-left.Base.CPU)))
			all[name] = append(all[name], math.Log(rest.of(1, cpuOf, left.Level, left.Rate)/left.Other.CPU))
		}
	}
	return extra, all
}

// offBy is the mean of logs as a share.
func offBy(logs []float64) stats.Estimate {
	e := stats.Student(logs)
	e.Value = math.Expm1(e.Value)
	if e.Interval != nil {
		e.Interval = &stats.Interval{Low: math.Expm1(e.Interval.Low), High: math.Expm1(e.Interval.High)}
	}
	return e
}

// What was measured and left out of the fit is predicted: the cores that the target
// needs within 10 %. Those that it costs more are a small difference of two such
// figures, and six fresh starts do not tell them to 10 %: there the error's interval must
// not lie beyond it, and over all levels it must be no larger than what the figures left
// out are known to.
func TestPredictionsOfWhatWasLeftOut(t *testing.T) {
	b, err := os.ReadFile(recordedFile)
	if err != nil {
		t.Fatal(err)
	}
	var r recorded
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	const most = 0.10
	tried, squares := 0, 0.0
	for _, work := range []ancmbench.Factor{ancmbench.FactorCPU, ancmbench.FactorWait} {
		extra, all := leftOut(r.Points, work)
		for name := range extra {
			tried++
			e, total := offBy(extra[name]), offBy(all[name])
			squares += e.Value * e.Value
			t.Logf("%s: cores more off by %+.1f %% (interval %+.0f to %+.0f), cores in all by %+.1f %%",
				name, 100*e.Value, 100*e.Interval.Low, 100*e.Interval.High, 100*total.Value)
			if math.Abs(total.Value) > most {
				t.Errorf("%s: the cores that it needs are off by %+.1f %%", name, 100*total.Value)
			}
			if e.Interval.Low > most || e.Interval.High < -most {
				t.Errorf("%s: the cores that it costs more are off by %+.1f %%", name, 100*e.Value)
			}
		}
	}
	if tried < 5 {
		t.Fatalf("only %d levels were left out", tried)
	}
	// 5.7 % is the standard error of the six figures themselves.
	if rms := math.Sqrt(squares / float64(tried)); rms > 0.057 {
		t.Errorf("the cores that it costs more are off by %.1f %%, root mean square", 100*rms)
	}
}

func TestPredictionsOfAKnownTruth(t *testing.T) {
	quiet := knownApp
	quiet.spread = 0
	for _, work := range []ancmbench.Factor{ancmbench.FactorCPU, ancmbench.FactorWait} {
		extra, _ := leftOut(quiet.points(3, 1), work)
		for name, xs := range extra {
			if e := offBy(xs).Value; math.Abs(e) > 0.02 {
				t.Errorf("%s left out: off by %v", name, e)
			}
		}
	}
	q := Question{AppTime: 0.6e-3, Rate: 900}
	got, err := predict(knownApp.points(6, 9), q)
	if err != nil || len(got) != 2 {
		t.Fatalf("%d predictions, %v", len(got), err)
	}
	holds := func(what string, e *stats.Estimate, want, within float64) {
		t.Helper()
		if e == nil || e.Interval == nil || math.Abs(e.Value-want) > within*want {
			t.Errorf("%s: %+v, in truth %v", what, e, want)
		}
	}
	for _, p := range got {
		base, other := knownApp.at(p.Work, q.AppTime, q.Rate)
		holds(string(p.Work)+" cores", p.Cores, (other.CPU-base.CPU)*q.Rate, 0.05)
		if p.Work == ancmbench.FactorWait {
			holds("p50", p.P50, other.P50-base.P50, 0.3)
			holds("p99", p.P99, other.P99-base.P99, 0.3)
		}
	}
}

// The interval on the extra cores holds the truth as often as it says, whatever the
// noise of a fresh start is: one that moves a fresh start as a whole, and one of each figure.
func TestThePredictedIntervalHoldsTheTruth(t *testing.T) {
	const runs = 600
	q := Question{AppTime: 0.6e-3, Rate: 900}
	base, other := knownApp.at(ancmbench.FactorCPU, q.AppTime, q.Rate)
	truth := (other.CPU - base.CPU) * q.Rate
	rng := rand.New(rand.NewPCG(11, 11))
	held := 0
	for run := range uint64(runs) {
		points := knownApp.points(6, run)
		luck := map[int]float64{}
		for i := range points {
			p := &points[i]
			if luck[p.Launch] == 0 {
				luck[p.Launch] = 1 + 0.05*rng.NormFloat64()
			}
			for _, v := range []*float64{&p.Base.CPU, &p.Other.CPU} {
				*v = *v*luck[p.Launch] + 0.5e-6*math.Sqrt(*v*1e6)*rng.NormFloat64() // the recorded noise grows so, too
			}
		}
		got, err := predict(points, q)
		if err != nil || got[0].Work != ancmbench.FactorCPU || got[0].Cores == nil {
			t.Fatalf("%+v, %v", got, err)
		}
		if got[0].Cores.Interval.Holds(truth) {
			held++
		}
	}
	if share := float64(held) / runs; share < 0.925 || share > 0.975 { // 0.95 by 2.8 standard errors
		t.Errorf("%v of the 95 %% intervals hold the truth", share)
	}
}

// No app time is one question, not two.
func TestAnAppWithoutWorkHasOneAnswer(t *testing.T) {
	got, err := predict(knownApp.points(6, 9), Question{Rate: 3000})
	if err != nil || len(got) != 1 || got[0].Work != "" || got[0].P50 == nil || got[0].Cores == nil {
		t.Fatalf("%+v, %v", got, err)
	}
	base, other := knownApp.at(ancmbench.FactorCPU, 0, 3000)
	if want := (other.CPU - base.CPU) * 3000; math.Abs(got[0].Cores.Value/want-1) > 0.05 {
		t.Errorf("%+v cores more, in truth %v", got[0].Cores, want)
	}
}

func TestPredictRefusesWhatWasNotMeasured(t *testing.T) {
	points := knownApp.points(6, 9)
	for _, c := range []struct {
		name string
		q    Question
		want string
	}{
		{"longer", Question{AppTime: 8e-3, Rate: 400}, "app time of 8.00 ms lies outside"},
		{"slower", Question{AppTime: 1e-3, Rate: 10}, "10.0 requests/s lie outside"},
		{"faster", Question{AppTime: 1e-3, Rate: 50_000}, "lie outside the rates"},
	} {
		_, err := predict(points, c.q)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	got, err := predict(points, Question{AppTime: 3e-3, Rate: 800})
	if err != nil {
		t.Fatal(err)
	}
	cpu, wait := got[0], got[1]
	if cpu.P50 != nil || cpu.Cores == nil || !strings.Contains(cpu.NotStated, "keeps 2.4 cores busy") && !strings.Contains(cpu.NotStated, "keeps 2.5 cores busy") {
		t.Errorf("more than the machine was seen to carry: %+v", cpu)
	}
	if wait.P50 == nil || wait.NotStated != "" {
		t.Errorf("waiting needs no cores: %+v", wait)
	}
	if _, err := predict(nil, Question{Rate: 1}); err == nil {
		t.Error("nothing measured, and no error")
	}
	if _, err := Predict(example.Models().Run(), Question{Rate: 1}); err == nil || !strings.Contains(err.Error(), "--profile curve") {
		t.Errorf("a run without a curve: %v", err)
	}
}
