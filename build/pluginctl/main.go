// Command pluginctl generates, checks, builds, packs and deploys the plugin.
// Each of its commands is a target of the Makefile.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/mattermost/mattermost-plugin-incident-management/build/bundle"
	"github.com/mattermost/mattermost-plugin-incident-management/build/install"
)

const usage = `usage: pluginctl <command>

  gen     write the sources that carry the id and version of plugin.json
  fresh   fail unless "gen" would change nothing
  npm     install the npm packages of the web part, where a lock has changed
  dist    build everything for all platforms and pack it into dist/
  release the same into dist/release/, with signatures, checksums, components
          and the entry for the Plugin Marketplace
  audit   look for known vulnerabilities in what is shipped
  deploy  build for -platform (the server's), upload and enable
  watch   deploy again with each change of a source

deploy and watch find the server by MM_SERVICESETTINGS_SITEURL (default
http://localhost:8065) and log in with MM_ADMIN_TOKEN, or with MM_ADMIN_USERNAME
and MM_ADMIN_PASSWORD (default: the administrator of "make run").

release signs with the GPG key that RELEASE_KEY names; RELEASE_URL is the
address below which the files will lie, a release on GitHub by default.
`

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "pluginctl:", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root, err := bundle.RepoRoot()
	if err != nil {
		return err
	}
	flag.Usage = func() { fmt.Fprint(os.Stderr, usage) }
	platform := flag.String("platform", bundle.Host(), "platform of the server that is deployed to")
	flag.Parse()

	switch command := flag.Arg(0); command {
	case "gen":
		return bundle.Generate(root)
	case "fresh":
		return bundle.CheckGenerated(root)
	case "npm":
		return errors.Join(
			bundle.InstallPackages(ctx, root, "webapp", os.Stdout),
			bundle.InstallPackages(ctx, root, filepath.Join("test", "webhost"), os.Stdout),
		)
	case "dist":
		return dist(ctx, root)
	case "release":
		return makeRelease(ctx, root)
	case "audit":
		return audit(ctx, root)
	case "deploy":
		return deploy(ctx, root, *platform)
	case "watch":
		return watch(ctx, root, *platform)
	case "":
		flag.Usage()
		return errors.New("no command")
	default:
		return fmt.Errorf("there is no command %q\n\n%s", command, usage)
	}
}

// build builds the web part and the server for some platforms, and packs them.
func build(ctx context.Context, root string, platforms []string, output string) (string, error) {
	if err := buildFor(ctx, root, platforms); err != nil {
		return "", err
	}
	packed := filepath.Join(root, output)
	return packed, bundle.Pack(root, platforms, packed)
}

// buildFor builds the web part, and the server for some platforms.
func buildFor(ctx context.Context, root string, platforms []string) error {
	if err := bundle.BuildWeb(ctx, root, "webapp", "dist/main.js", os.Stdout); err != nil {
		return err
	}
	for _, platform := range platforms {
		fmt.Printf("--- building the server for %s\n", platform)
		if err := bundle.BuildExecutables(ctx, root, []string{platform}, false, os.Stdout); err != nil {
			return err
		}
	}
	return nil
}

// deploy builds the plugin for one platform and installs it on a running server.
func deploy(ctx context.Context, root, platform string) error {
	admin, err := login()
	if err != nil {
		return err
	}
	packed, err := build(ctx, root, []string{platform}, filepath.Join("dist", "deploy", "plugin.tar.gz"))
	if err != nil {
		return err
	}
	id, err := install.Plugin(ctx, admin, packed)
	if err != nil {
		return err
	}
	fmt.Printf("%s runs on %s\n", id, admin.Url)
	return nil
}
