//go:build unix

package models_test

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"ancmbench"
	"ancmbench/models"
)

// The first line of main, or of TestMain, is models.RunRole(handler).
func Example() {
	ctx := context.Background()
	site, err := models.Start(ctx, models.Options{Model: ancmbench.OutOfProcess})
	if err != nil {
		fmt.Println(err)
		return
	}
	answer, err := http.Get("http://" + site.Address() + "/plaintext")
	if err != nil {
		fmt.Println(err)
		return
	}
	body, _ := io.ReadAll(answer.Body)
	answer.Body.Close()
	fmt.Printf("%s says %s\n", answer.Header.Get(ancmbench.ModelHeader), body)
	processes, _ := site.Processes(ctx)
	for _, p := range processes {
		fmt.Println(p.Role)
	}
	fmt.Println(site.Stop(ctx))
	// Output:
	// out-of-process says Hello, World!
	// was
	// worker
	// app
	// <nil>
}
