// Package console is what every Go client shares: settings in as JSON, its view of the registry out, commands from
// stdin.
//
// Neither library beats by itself, so the loop that their users write is here: a beat every second, and a
// registration whenever a beat is refused.
package console

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
)

// Settings is what the driver tells every client about itself.
type Settings struct {
	URLs              []string          `json:"urls"`
	App               string            `json:"app"`
	ID                string            `json:"id"`
	Host              string            `json:"host"`
	IP                string            `json:"ip"`
	Port              int               `json:"port"`
	SecurePort        int               `json:"securePort"`
	SecurePortEnabled bool              `json:"securePortEnabled"`
	VIP               string            `json:"vip"`
	SecureVIP         string            `json:"secureVip"`
	HomePageURL       string            `json:"homePageUrl"`
	StatusPageURL     string            `json:"statusPageUrl"`
	HealthCheckURL    string            `json:"healthCheckUrl"`
	Metadata          map[string]string `json:"metadata"`
	LeaseSeconds      int               `json:"leaseSeconds"`
	Transport         string            `json:"transport"`
}

// Instance is one entry of a client's view of the registry.
type Instance struct {
	App      string `json:"app"`
	ID       string `json:"id"`
	Status   string `json:"status"`
	Metadata any    `json:"metadata"`
}

// Client is a library behind the calls that its users make.
type Client struct {
	Register func() error
	Beat     func() error
	See      func() ([]Instance, error)
	// Commands other than stop, by name.
	Commands map[string]func() error
	Cancel   func() error
}

// ReadSettings reads them from the first argument.
func ReadSettings() (settings Settings) {
	if err := json.Unmarshal([]byte(os.Args[1]), &settings); err != nil {
		panic(err)
	}
	// Both libraries join base and path with a slash of their own.
	for i, url := range settings.URLs {
		settings.URLs[i] = strings.TrimSuffix(url, "/")
	}
	return settings
}

// Run returns at the command `stop`. Without a driver at the other end of stdin the process ends at once.
func (c Client) Run() {
	commands := make(chan string)
	go readLines(commands)
	report("register", c.Register())
	for clock := time.NewTicker(time.Second); ; {
		select {
		case <-clock.C:
			c.beat()
			c.printView()
		case command := <-commands:
			if command == "stop" {
				report("cancel", c.Cancel())
				return
			}
			report(command, c.Commands[command]())
			say("answer", command)
		}
	}
}

func (c Client) beat() {
	if err := c.Beat(); err != nil {
		report("beat", err)
		report("register", c.Register())
	}
}

func (c Client) printView() {
	instances, err := c.See()
	if err != nil {
		report("fetch", err)
		return
	}
	say("sees", instances)
}

func readLines(commands chan<- string) {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		commands <- lines.Text()
	}
	os.Exit(1)
}

func report(what string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
	}
}

func say(name string, value any) {
	line, err := json.Marshal(map[string]any{name: value})
	if err != nil {
		panic(err)
	}
	fmt.Println(string(line))
}
