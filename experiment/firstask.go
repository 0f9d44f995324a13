package experiment

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

// firstAnswerBound is how long a command that listens may take for its first answer: many
// servers load what they need only then.
const firstAnswerBound = 30 * time.Second

// answersAtAll sends a first request to a command and returns a WrongPath if the answer has
// a status of 300 to 499. So a wrong path is reported by its status and not by a share of
// errors. Other failures are left to the load.
func (r *runner) answersAtAll(ctx context.Context, a *target) error {
	t, err := r.first(a, ancmbench.Phase{})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, firstAnswerBound)
	defer cancel()
	_, err = r.request(ctx, t)
	var wrong *loadgen.StatusError
	if errors.As(err, &wrong) && wrong.Status >= 300 && wrong.Status < 500 { // a 5xx may pass
		q := t.Workload.Requests[0]
		return &WrongPath{Target: a.spec.Name, Path: withoutQuery(q.Path), Status: wrong.Status}
	}
	return nil
}

// WrongPath is the error of a command that answers but does not serve the path. Starting
// it again would not help.
type WrongPath struct {
	Target, Path string
	Status       int
}

func (w *WrongPath) Error() string {
	return fmt.Sprintf("%s answers %d %s to GET %s", w.Target, w.Status, http.StatusText(w.Status), w.Path)
}
