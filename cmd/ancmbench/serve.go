package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/internal/clean"
	"ancmbench/models"
	"ancmbench/models/ancm/webconfig"
)

func newServeCommand() *cobra.Command {
	var opts models.Options
	var f serveFlags
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run one hosting model by hand, for curl or any load tool",
		Example: `  ancmbench serve --model=in-process --listen=127.0.0.1:8080
  curl -i http://127.0.0.1:8080/plaintext
  ancmbench serve --tls-listen=127.0.0.1:8443 --certificate=site.pem
  curl --cacert site.pem https://127.0.0.1:8443/plaintext
  wrk -t1 -c8 -d5 --latency http://127.0.0.1:8080/plaintext`,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := appFolder(f.app, &opts.WebConfig); err != nil {
				return err
			}
			if err := f.settle(&opts); err != nil {
				return err
			}
			program, err := f.configured(c, &opts)
			if err != nil {
				return err
			}
			if !f.quiet {
				opts.Report = func(e models.Event) { fmt.Fprintln(c.ErrOrStderr(), e) }
			}
			return serve(c, opts, program, f.certificate)
		},
	}
	c.Flags().StringVar(&f.model, "model", string(ancmbench.InProcess), "hosting model; with --web-config the file's hostingModel, unless it is given here")
	c.Flags().StringVar(&opts.Listen, "listen", "127.0.0.1:8080", "address to listen on")
	addFrontFlag(c, &opts.Front)
	c.Flags().BoolVar(&f.tls, "tls", false, "also listen with TLS, HTTP/1.1 and HTTP/2, on a free port, which is printed")
	c.Flags().BoolVar(&f.h2c, "h2c", false, "also listen for HTTP/2 without TLS (prior knowledge), on a free port, which is printed")
	c.Flags().StringVar(&f.tlsListen, "tls-listen", "", "the address to listen on with TLS; implies --tls")
	c.Flags().StringVar(&f.h2cListen, "h2c-listen", "", "the address to listen on for HTTP/2 without TLS; implies --h2c")
	c.Flags().StringVar(&f.certificate, "certificate", "", "with --tls: write the certificate, which is new at every start, to this file (PEM), for curl --cacert")
	c.Flags().StringVar(&opts.ClientCertificates.Mode, "client-certificates", "", "with --tls: accept or require client certificates, and pass them to the app; needs --client-ca")
	c.Flags().StringVar(&opts.ClientCertificates.CAFile, "client-ca", "", "file with the certificates (PEM) of the accepted issuers of client certificates")
	addModuleFlags(c, &opts.WebConfig, &opts.ModuleVersion)
	addAppFlag(c, &f.app)
	addPathBaseFlag(c, &opts.PathBase)
	addNativeFlags(c, &f.native)
	addAuthFlags(c, &f.native)
	c.Flags().DurationVar(&opts.ReadinessPoll, "readiness-poll", 0, "how often the module checks whether the app listens: the original module uses 250ms (0 = at once)")
	c.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "write no notes and no events about the app to standard error")
	completeModels(c)
	_ = c.RegisterFlagCompletionFunc("client-certificates", cobra.FixedCompletions([]string{models.AcceptCertificates, models.RequireCertificates}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

// serveFlags are the flags of serve that are no option of a site as they stand.
type serveFlags struct {
	model, certificate   string
	app                  string // the folder of a web.config
	tls, h2c, quiet      bool
	tlsListen, h2cListen string // empty = a free port
	native               nativeFlags
}

// settle copies the flags into the options of the site.
func (f *serveFlags) settle(opts *models.Options) error {
	ms, err := ancmbench.ParseModels(f.model)
	if err != nil {
		return usageError("--model: %w", err)
	}
	if len(ms) == 1 && ms[0].Proxy() {
		return usageError("--model=%s: a program of this machine, which ancmbench starts only for run --model=direct,%s", f.model, f.model)
	}
	if len(ms) != 1 {
		return usageError("--model=%s: serve runs one model at a time", f.model)
	}
	opts.Model, opts.FrontListen = ms[0], map[string]string{}
	for _, further := range []struct {
		front, listen string
		on            bool
	}{{models.FrontTLS, f.tlsListen, f.tls}, {models.FrontH2C, f.h2cListen, f.h2c}} {
		if further.on || further.listen != "" {
			opts.Fronts = append(opts.Fronts, further.front)
		}
		if further.listen != "" {
			opts.FrontListen[further.front] = further.listen
		}
	}
	if f.certificate != "" && !slices.Contains(opts.Fronts, models.FrontTLS) {
		return usageError("--certificate: there is none without --tls")
	}
	opts.Native, err = f.native.modules()
	return err
}

// configured takes the hosting model from the web.config unless the flag sets it, and prints
// what in the file has no effect. It returns the hosted program, empty for our own app.
func (f *serveFlags) configured(c *cobra.Command, opts *models.Options) (program string, err error) {
	if opts.WebConfig == "" {
		return "", nil
	}
	if opts.WebConfig, err = webconfig.Find(opts.WebConfig); err != nil {
		return "", usageError("--web-config: %w", err)
	}
	config, remarks, err := webconfig.Reader{Module: opts.ModuleVersion}.ReadFile(opts.WebConfig)
	if err != nil {
		return "", usageError("--web-config: %w", err)
	}
	if config.ProcessPath == "" && f.app != "" {
		return "", usageError("--app: %s names no program (processPath of <aspNetCore>)", opts.WebConfig)
	}
	chosen := c.Flags().Changed("model")
	if chosen && config.ProcessPath != "" {
		if opts.Model == ancmbench.Direct {
			return "", usageError("--model=direct: it has no server in front of %s, the program of %s. Fix: leave --model out, or choose out-of-process", clean.Terminal(config.ProcessPath), opts.WebConfig)
		}
		if err := models.HostsProgram(opts.Model, config); err != nil {
			return "", usageError("--model=%s: %w", opts.Model, err)
		}
	}
	asked := models.ModelOf(config)
	if !chosen {
		opts.Model = asked
	} else if opts.Model != asked && (opts.Model == ancmbench.InProcess || opts.Model == ancmbench.OutOfProcess) {
		remarks = append(remarks, fmt.Sprintf("%s: hostingModel is %s, and --model says %s", opts.WebConfig, asked, opts.Model))
	}
	if config.ProcessPath != "" {
		if err := models.HostsProgram(opts.Model, config); !chosen && err != nil && !errors.Is(err, models.ErrNotBuilt) {
			return "", usageError("%s: hostingModel is in-process, and %w", clean.Terminal(opts.WebConfig), err)
		}
		if note := notInProcess(opts.WebConfig, config); opts.Model.HostsApp() && note != "" {
			opts.Model = ancmbench.OutOfProcess
			remarks = append(remarks, note)
		}
		program = config.ProcessPath
		if note := config.ProgramNote(); note != "" {
			remarks = append(remarks, note)
		}
		if err := config.Program().Check(); err != nil && !f.quiet { // it may be there by the first request
			fmt.Fprintln(c.ErrOrStderr(), "warning:", err)
		}
	}
	if !f.quiet {
		for _, r := range remarks {
			fmt.Fprintln(c.ErrOrStderr(), "note:", clean.Terminal(r))
		}
	}
	return program, nil
}

// further prints the addresses of the further fronts, and writes the certificate.
func further(w io.Writer, site *models.Site, opts models.Options, path, certificate string) error {
	words := map[string]string{models.FrontTLS: "https://%s%s%s (HTTP/1.1 and HTTP/2)", models.FrontH2C: "http://%s%s%s (HTTP/2 with prior knowledge)"}
	for _, front := range opts.Fronts {
		t, err := site.FrontTarget(front)
		if err != nil {
			return err
		}
		if certificate != "" && len(t.Roots) > 0 {
			if err := os.WriteFile(certificate, t.Roots, 0o644); err != nil {
				return fmt.Errorf("--certificate: %w", err)
			}
		}
		fmt.Fprintf(w, "and on "+words[front]+"\n", reachable(t.Address), opts.PathBase, path)
	}
	return nil
}

// reachable returns an address at which this machine reaches a listener on all addresses.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() && ip.To4() != nil {
		host = "127.0.0.1"
	} else if ip != nil && ip.IsUnspecified() {
		host = "::1"
	}
	return net.JoinHostPort(host, port)
}

func serve(c *cobra.Command, opts models.Options, program, certificate string) error {
	ctx := c.Context()
	stopping, force := context.WithCancel(context.WithoutCancel(ctx))
	defer force()
	site, err := models.Start(ctx, opts)
	if options := new(models.OptionsError); errors.As(err, &options) {
		return usageError("%w", byFlag(err))
	} else if err != nil {
		return err
	}
	onSecondSignal(ctx, force)
	path, answers := "/plaintext", "also /json /bytes/{n} /echo /busy/{us} /sleep/{us} /stream/{chunks}"
	if program != "" {
		path, answers = "/", clean.Terminal(program)+" answers once the first request has started it"
	}
	front := ""
	if site.Front() != "" {
		front = fmt.Sprintf(" (%s front)", site.Front())
	}
	fmt.Fprintf(c.OutOrStdout(), "%s%s listens on http://%s%s%s ; %s ; Ctrl-C ends it\n", opts.Model, front, reachable(site.Address()), opts.PathBase, path, answers)
	err = further(c.OutOrStdout(), site, opts, path, certificate)
	if err == nil {
		select {
		case <-ctx.Done():
		case <-site.Done():
		}
	}
	died := site.Err()
	if err := errors.Join(err, site.Stop(stopping)); err != nil {
		return err
	}
	switch {
	case ctx.Err() == nil && died != nil:
		return fmt.Errorf("%s ended by itself: %w", opts.Model, died)
	case context.Cause(ctx) == errTerminated && stopping.Err() == nil:
		return &codedError{code: exitOK, silent: true, err: errTerminated}
	}
	return nil
}

// addModuleFlags adds what configures the module of the bundled models.
func addModuleFlags(c *cobra.Command, webConfig, version *string) {
	c.Flags().StringVar(webConfig, "web-config", "", "a web.config, or the folder with one, whose <aspNetCore> element configures the module; run measures its processPath directly and out-of-process, serve hosts it")
	c.Flags().StringVar(version, "module", "", "version of the module: v1 or v2 (empty = v2)")
}

func addPathBaseFlag(c *cobra.Command, pathBase *string) {
	c.Flags().StringVar(pathBase, "path-base", "", "path of the app of the bundled models, as /shop; all other paths get 404 (empty = the root of the site)")
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
