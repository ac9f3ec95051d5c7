package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// config is catapult's, from <argument>/resources.
type config struct {
	folder string
	files  map[string]map[string]map[string]string
}

var filesOfEveryProcess = []string{"inflation", "network", "node", "user"}

func readConfig(arguments []string) *config {
	if len(arguments) != 1 {
		refuse("found %d arguments, need one: the parent of resources", len(arguments))
	}
	if os.Getenv("LD_LIBRARY_PATH") != "/usr/catapult/lib:/usr/catapult/deps" {
		refuse("LD_LIBRARY_PATH is %q: catapult would not find its libraries", os.Getenv("LD_LIBRARY_PATH"))
	}
	c := &config{folder: filepath.Join(arguments[0], "resources"), files: map[string]map[string]map[string]string{}}
	c.need(filesOfEveryProcess...)
	return c
}

// need reads files by the part of their name between config- and .properties.
func (c *config) need(names ...string) {
	for _, name := range names {
		path := filepath.Join(c.folder, "config-"+name+".properties")
		sections, err := readProperties(path)
		if err != nil {
			refuse("%v", err)
		}
		c.files[name] = sections
	}
}

// text ends the program where the file does not say: catapult has no defaults.
func (c *config) text(file, section, key string) string {
	value, known := c.files[file][section][key]
	if !known {
		refuse("config-%s.properties: [%s] %s is missing", file, section, key)
	}
	return value
}

func (c *config) flag(file, section, key string) bool {
	switch value := c.text(file, section, key); value {
	case "true", "false":
		return value == "true"
	default:
		refuse("config-%s.properties: [%s] %s is %q, need true or false", file, section, key, value)
		return false
	}
}

func (c *config) number(file, section, key string) int {
	value, err := strconv.Atoi(strings.ReplaceAll(c.text(file, section, key), "'", ""))
	if err != nil {
		refuse("config-%s.properties: [%s] %s: %v", file, section, key, err)
	}
	return value
}

func (c *config) storage(name string) string {
	return c.text("user", "storage", name)
}

func (c *config) roles() map[string]bool {
	roles := map[string]bool{}
	for _, role := range strings.Split(c.text("node", "localnode", "roles"), ",") {
		roles[strings.TrimSpace(role)] = true
	}
	return roles
}

func readProperties(path string) (map[string]map[string]string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	sections := map[string]map[string]string{}
	section := ""
	lines := bufio.NewScanner(bytes.NewReader(content))
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]") {
			section = line[1 : len(line)-1]
			if sections[section] == nil {
				sections[section] = map[string]string{}
			}
			continue
		}
		key, value, found := strings.Cut(line, "=")
		if !found || section == "" {
			return nil, fmt.Errorf("%s: line %d: %q is no setting of a section", path, number, line)
		}
		sections[section][strings.TrimSpace(key)] = strings.TrimSpace(value)
	}
	return sections, lines.Err()
}
