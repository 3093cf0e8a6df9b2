package testenv

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/mattermost/mattermost-plugin-incident-management/build/apt"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// StartMariaDB starts a throwaway MariaDB or MySQL server on a free port, or
// returns the one that TEST_MYSQL_DSN names. On Debian and its kin root gets
// the programs installed; anybody else is told what to install.
func StartMariaDB(ctx context.Context) (*DatabaseServer, error) {
	if dsn := os.Getenv("TEST_MYSQL_DSN"); dsn != "" {
		return &DatabaseServer{Server: testdb.Server{Driver: MySQL, DSN: dsn}}, nil
	}
	return startMariaDB(ctx, false)
}

func startMariaDB(ctx context.Context, private bool) (*DatabaseServer, error) {
	daemon, err := mariadbProgram(ctx)
	if err != nil {
		return nil, err
	}
	credential, err := unprivileged("mysql")
	if err != nil {
		return nil, err
	}
	dir, err := throwawayDir("mariadb", credential)
	if err != nil {
		return nil, fmt.Errorf("make the data directory of MariaDB: %w", err)
	}
	data := filepath.Join(dir, "data")
	if err := makeOwned(data, credential); err != nil {
		return nil, err
	}
	if err := initMariaDB(ctx, daemon, data, credential); err != nil {
		return nil, err
	}

	password := strings.ToLower(rand.Text())
	grants := fmt.Sprintf("CREATE USER IF NOT EXISTS 'incident'@'%%' IDENTIFIED BY '%s';\nGRANT ALL ON *.* TO 'incident'@'%%' WITH GRANT OPTION;\n", password)
	initFile := filepath.Join(dir, "init.sql")
	if err := os.WriteFile(initFile, []byte(grants), 0o644); err != nil {
		return nil, err
	}
	port, err := FreePort()
	if private {
		port, err = LastingPort()
	}
	if err != nil {
		return nil, err
	}
	// Nothing needs to survive the end of the machine, so nothing is written through to the disk. Making and dropping tables is
	// most of what tests do to the database.
	flush, connections := 0, 500
	speed := []string{"--loose-sync-frm=0", "--loose-debug-no-sync", "--loose-innodb-flush-method=nosync"}
	if private {
		flush, connections = 2, privateConnections // written, if not to the disk, with each commit
	} else {
		speed = append(speed, "--loose-innodb-file-per-table=0", "--loose-innodb-doublewrite=0")
	}
	args := []string{"--no-defaults",
		"--datadir=" + data, "--socket=" + filepath.Join(dir, "sock"), "--pid-file=" + filepath.Join(dir, "pid"),
		"--bind-address=127.0.0.1", fmt.Sprintf("--port=%d", port), "--skip-name-resolve", "--init-file=" + initFile,
		"--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci", fmt.Sprintf("--max-connections=%d", connections),
		"--innodb-buffer-pool-size=256M", fmt.Sprintf("--innodb-flush-log-at-trx-commit=%d", flush), "--sync-binlog=0", "--skip-log-bin"}
	args = append(args, speed...)

	config := mysql.NewConfig()
	config.User, config.Passwd, config.Net, config.Addr = "incident", password, "tcp", fmt.Sprintf("127.0.0.1:%d", port)
	server := &DatabaseServer{Server: testdb.Server{Driver: MySQL, DSN: config.FormatDSN()}}
	return server, server.start(ctx, func() processSpec {
		cmd := exec.Command(daemon, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "TMPDIR="+dir)
		return processSpec{name: "MariaDB", cmd: cmd, stopSignal: syscall.SIGTERM, grace: 20 * time.Second, credential: credential}
	}, filepath.Join(dir, "mariadb.log"))
}

// initMariaDB makes the system tables: MariaDB has a script for that, MySQL an option.
func initMariaDB(ctx context.Context, daemon, data string, credential *syscall.Credential) error {
	version, err := exec.CommandContext(ctx, daemon, "--no-defaults", "--version").Output()
	if err != nil {
		return fmt.Errorf("%s --version: %w", daemon, err)
	}
	var cmd *exec.Cmd
	if bytes.Contains(version, []byte("MariaDB")) {
		script, err := firstProgram("mariadb-install-db", "mysql_install_db")
		if err != nil {
			return err
		}
		cmd = exec.CommandContext(ctx, script, "--no-defaults", "--datadir="+data, "--skip-test-db", "--auth-root-authentication-method=normal")
	} else {
		cmd = exec.CommandContext(ctx, daemon, "--no-defaults", "--initialize-insecure", "--datadir="+data)
	}
	cmd.Dir = data
	cmd.Env = append(os.Environ(), "TMPDIR="+filepath.Dir(data)) // not one that servers started beside this one use too
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential}
	return runCommand(cmd)
}

// mariadbProgram finds the server program, or installs it where that is easy.
func mariadbProgram(ctx context.Context) (string, error) {
	names := []string{"mariadbd", "mysqld"}
	if daemon, err := firstProgram(names...); err == nil {
		return daemon, nil
	}
	// The core package has the programs without a service that would start.
	if err := apt.Install(ctx, "mariadb-server-core", "mariadb-client-core"); err != nil {
		return "", fmt.Errorf("no MariaDB or MySQL server found: install mariadb-server, or set TEST_MYSQL_DSN to a server whose user may create databases: %w", err)
	}
	return firstProgram(names...)
}

// firstProgram finds one of several programs, also where only root looks.
func firstProgram(names ...string) (string, error) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
		for _, dir := range []string{"/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin", "/usr/local/bin"} {
			if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
				return path, nil
			}
		}
	}
	return "", fmt.Errorf("none of the programs %s is installed", strings.Join(names, ", "))
}
