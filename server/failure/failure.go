// Package failure sorts errors into classes that can be counted and shown without the error's text, which may hold what
// users have typed.
package failure

import (
	"regexp"
	"strings"
)

// The classes. Each is a word that metrics and support reports show.
const (
	Rights      = "rights"      // the database user lacks a right
	SignIn      = "sign_in"     // the database refuses the user or the password
	Connections = "connections" // the database takes no further connection
	Space       = "space"       // the database has no space left
	Schema      = "schema"      // a table or column is missing
	Collation   = "collation"   // tables with different collations are compared
	Lock        = "lock"        // a deadlock, or waiting for a lock took too long
	Duplicate   = "duplicate"   // a row is there already
	Connection  = "connection"  // the database is not reached
	Timeout     = "timeout"     // it took too long
	Canceled    = "canceled"    // the client is gone, or the plugin stops
	Panic       = "panic"       // a defect of the plugin
	Host        = "mattermost"  // Mattermost refused or did not answer
	Other       = "other"
)

var (
	sqlState    = regexp.MustCompile(`\bSQLSTATE ([0-9A-Z]{5})\b`)
	mysqlNumber = regexp.MustCompile(`\bError ([1-9][0-9]{3}) \(`)
)

// byCode has SQLSTATEs of PostgreSQL, whole or their first two characters, and error numbers of MySQL and MariaDB.
var byCode = map[string]string{
	"42501": Rights, "1044": Rights, "1142": Rights, "1143": Rights, "1227": Rights, "1370": Rights,
	"28": SignIn, "1045": SignIn, "1698": SignIn,
	"53300": Connections, "1040": Connections, "1203": Connections, "1226": Connections,
	"53100": Space, "1114": Space, "1021": Space, "3": Space,
	"42P01": Schema, "42703": Schema, "3F000": Schema, "1146": Schema, "1054": Schema, "1049": Schema, "3D000": Schema,
	"1267": Collation, "1271": Collation, "42P22": Collation,
	"40001": Lock, "40P01": Lock, "55P03": Lock, "1213": Lock, "1205": Lock, "1020": Lock,
	"23505": Duplicate, "1062": Duplicate,
	"08": Connection, "57P01": Connection, "57P02": Connection, "57P03": Connection,
	"57014": Timeout, "1969": Timeout, "3024": Timeout,
}

// byWords are parts of texts, in lower case, that errors without a code have. The first that fits counts.
var byWords = []struct{ words, class string }{
	{"panic:", Panic},
	{"context canceled", Canceled},
	{"mattermost does not answer", Host},
	{"deadline exceeded", Timeout}, {"i/o timeout", Timeout},
	{"connection refused", Connection}, {"connection reset", Connection}, {"broken pipe", Connection}, {"bad connection", Connection},
	{"no such host", Connection}, {"invalid connection", Connection}, {"unexpected eof", Connection}, {"failed to connect", Connection},
	{"closed network connection", Connection}, {"closed the connection", Connection}, {"conn closed", Connection},
	{"app_error", Host},
}

// maxRead is how many bytes of a long text are looked at, at either end.
const maxRead = 2000

// Class sorts the text of an error. code is the database's own code, an SQLSTATE or a number, or "".
func Class(text string) (class, code string) {
	if strings.HasPrefix(text, "panic:") {
		return Panic, ""
	}
	if len(text) > 2*maxRead { // the code is at the beginning or at the end
		text = text[:maxRead] + " " + text[len(text)-maxRead:]
	}
	if found := sqlState.FindStringSubmatch(text); found != nil {
		code = found[1]
	} else if found := mysqlNumber.FindStringSubmatch(text); found != nil {
		code = found[1]
	}
	if code != "" {
		if class = byCode[code]; class == "" && len(code) == 5 {
			class = byCode[code[:2]]
		}
		if class != "" {
			return class, code
		}
	}
	lower := strings.ToLower(text)
	for _, w := range byWords {
		if strings.Contains(lower, w.words) {
			return w.class, code
		}
	}
	return Other, code
}

var advice = map[string]string{
	Rights: "The database refused a statement for lack of rights. Let the database's administrator grant the user of SqlSettings.DataSource " +
		"the rights SELECT, INSERT, UPDATE and DELETE on Mattermost's tables and on all tables whose names begin with IR_, and to create tables and indexes. " +
		"Then disable and enable the plugin.",
	SignIn: "The database refuses the user or the password of SqlSettings.DataSource. Correct them, then restart Mattermost.",
	Connections: "The database takes no further connections. The plugin holds up to 10 connections on each node, beside those of Mattermost " +
		"(SqlSettings.MaxOpenConns). Raise max_connections of the database, or lower SqlSettings.MaxOpenConns.",
	Space:      "The database has no space left. Free space on its disk.",
	Schema:     "A table or a column is missing in the database. Disable and enable the plugin, which makes what is missing. If that does not help, restore the tables whose names begin with IR_ from a backup.",
	Collation:  "Mattermost's tables and the plugin's have different collations. Convert the tables whose names begin with IR_ to the collation of Mattermost's tables: ALTER TABLE <name> CONVERT TO CHARACTER SET utf8mb4 COLLATE <collation>.",
	Connection: "The database is not reached. Look whether it runs and whether Mattermost reaches it.",
	Timeout:    "The database does not answer in time. Look for load and locks in the database; SqlSettings.QueryTimeout is how long a statement may take.",
	Host:       "Mattermost refuses what the plugin asks for, or does not answer. The lines beside this one in the log say what.",
	Panic:      "A defect of the plugin. Send the log's lines beside this one to those who maintain it.",
}

// Advice says what an administrator can do about errors of a class, or "".
func Advice(class string) string { return advice[class] }

// Persistent reports whether errors of a class stay until an administrator does something.
func Persistent(class string) bool {
	switch class {
	case Rights, SignIn, Connections, Space, Schema, Collation:
		return true
	}
	return false
}
