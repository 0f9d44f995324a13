package experiment_test

import (
	"fmt"
	"net/http"
	"os"
	"testing"

	"ancmbench/models"
)

// TestMain makes the test binary every process of the models, with the handler of the
// example as their app.
func TestMain(m *testing.M) {
	models.RunRole(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "hello") }))
	os.Exit(m.Run())
}
