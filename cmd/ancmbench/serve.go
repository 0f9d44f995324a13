package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/models"
)

func newServeCommand() *cobra.Command {
	var opts models.Options
	var model string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run one hosting model by hand, for curl or any load tool",
		Example: `  ancmbench serve --model=in-process --listen=127.0.0.1:8080
  curl -i http://127.0.0.1:8080/plaintext
  wrk -t1 -c8 -d5 --latency http://127.0.0.1:8080/plaintext`,
		RunE: func(c *cobra.Command, _ []string) error {
			ms, err := ancmbench.ParseModels(model)
			if err != nil {
				return usageError("%w", err)
			}
			if len(ms) != 1 {
				return usageError("--model=%s: serve runs one model at a time", model)
			}
			opts.Model = ms[0]
			return serve(c, opts)
		},
	}
	c.Flags().StringVar(&model, "model", string(ancmbench.InProcess), "hosting model")
	c.Flags().StringVar(&opts.Listen, "listen", "127.0.0.1:8080", "address to listen on")
	addFrontFlag(c, &opts.Front)
	addModuleFlags(c, &opts.WebConfig, &opts.ModuleVersion)
	c.Flags().DurationVar(&opts.ReadinessPoll, "readiness-poll", 0, "how often the module looks whether the app listens: 250ms is the original's (0 = at once)")
	completeModels(c)
	return c
}

func serve(c *cobra.Command, opts models.Options) error {
	ctx := c.Context()
	site, err := models.Start(ctx, opts)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.OutOrStdout(), "%s (%s front) listens on http://%s/ ; /plaintext /json /bytes/{n} /echo /busy/{us} /sleep/{us} /stream/{chunks} ; Ctrl-C ends it\n",
		opts.Model, site.Front(), site.Address())
	select {
	case <-ctx.Done():
	case <-site.Done():
	}
	died := site.Err()
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	if err := site.Stop(stopping); err != nil {
		return err
	}
	if ctx.Err() == nil && died != nil {
		return fmt.Errorf("%s ended by itself: %w", opts.Model, died)
	}
	return nil
}

// addModuleFlags adds what configures the module of the bundled models.
func addModuleFlags(c *cobra.Command, webConfig, version *string) {
	c.Flags().StringVar(webConfig, "web-config", "", "a web.config whose <aspNetCore> element configures the module; its processPath is hosted out-of-process")
	c.Flags().StringVar(version, "module", "", "version of the module: v1 or v2 (empty = v2)")
}

func addFrontFlag(c *cobra.Command, front *string) {
	c.Flags().StringVar(front, "front", "auto", "front server of the bundled models: auto, lean or nethttp")
	_ = c.RegisterFlagCompletionFunc("front", cobra.FixedCompletions([]string{"auto", "lean", "nethttp"}, cobra.ShellCompDirectiveNoFileComp))
}

func completeModels(c *cobra.Command) {
	names := []string{"both", "all"}
	for _, m := range ancmbench.Models {
		names = append(names, string(m))
	}
	_ = c.RegisterFlagCompletionFunc("model", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
}
