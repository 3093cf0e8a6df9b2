package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// vulncheck is pinned, so that a finding is due to the database and not to the program.
const vulncheck = "golang.org/x/vuln/cmd/govulncheck@v1.9.0"

// errNotChecked marks a source of known vulnerabilities that could not be asked. That is a failure too: "nothing found"
// would be believed.
var errNotChecked = errors.New("COULD NOT CHECK")

// audit asks for known vulnerabilities in what is shipped: in the code that the server's program reaches, and in the
// packages that the web part's bundle is made of. It asks both, and fails if either found something or could not check.
func audit(ctx context.Context, root string) error {
	return errors.Join(auditGo(ctx, root), auditWeb(ctx, root))
}

func auditGo(ctx context.Context, root string) error {
	fmt.Println("--- govulncheck: the server and the Go modules that it reaches")
	var report bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", "run", vulncheck, "./server")
	cmd.Dir, cmd.Stdout, cmd.Stderr = root, &report, &report
	err := cmd.Run()
	_, _ = os.Stdout.Write(report.Bytes())
	switch {
	case err == nil:
		return nil
	case strings.Contains(report.String(), "Vulnerability #"):
		return errors.New("govulncheck has found vulnerabilities in code that the server reaches (see above): update the modules, or explain in docs/supply-chain.md why they do no harm")
	default:
		return fmt.Errorf("%w the Go modules: govulncheck did not get as far as a result (see above). It needs the database at https://vuln.go.dev, or a copy of it that GOVULNDB names (file:// or https://): %w", errNotChecked, err)
	}
}

func auditWeb(ctx context.Context, root string) error {
	fmt.Println("--- npm audit: the packages in the web part's bundle")
	cmd := exec.CommandContext(ctx, "npm", "audit", "--omit=dev", "--json")
	cmd.Dir = filepath.Join(root, "webapp")
	var report, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &report, &complaints
	err := cmd.Run()
	result, readErr := readWebAudit(report.Bytes())
	if readErr != nil {
		_, _ = os.Stdout.Write(complaints.Bytes())
		return fmt.Errorf("%w the npm packages: %w. npm audit needs a registry with the endpoint for security advisories, such as https://registry.npmjs.org (npm_config_registry names another): %w", errNotChecked, readErr, err)
	}
	if len(result) == 0 {
		fmt.Println("No vulnerabilities found.")
		return nil
	}
	for _, finding := range result {
		fmt.Println(finding)
	}
	return fmt.Errorf("npm audit has found %d vulnerable packages (see above): update them, or explain in docs/supply-chain.md why they do no harm", len(result))
}

// readWebAudit reads the findings out of what "npm audit --json" has printed. What is not a whole report, such as
// the answer of a registry that has no advisories, is an error.
func readWebAudit(report []byte) ([]string, error) {
	var parsed struct {
		Message         string
		Metadata        *struct{ Vulnerabilities map[string]int }
		Vulnerabilities map[string]struct{ Severity, Range string }
	}
	if err := json.Unmarshal(report, &parsed); err != nil {
		return nil, fmt.Errorf("npm has printed no report: %w", err)
	}
	if parsed.Metadata == nil || parsed.Metadata.Vulnerabilities == nil {
		if parsed.Message == "" {
			parsed.Message = "the report has no counts"
		}
		return nil, errors.New(parsed.Message)
	}
	findings := []string{}
	for name, v := range parsed.Vulnerabilities {
		findings = append(findings, fmt.Sprintf("%s %s: %s", name, v.Range, v.Severity))
	}
	if len(findings) == 0 && parsed.Metadata.Vulnerabilities["total"] > 0 {
		return nil, errors.New("the report counts vulnerabilities that it does not list")
	}
	return findings, nil
}
