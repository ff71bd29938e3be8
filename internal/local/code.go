package local

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/roomcast/roomcast/internal/local/plan"
)

// scratch returns the cloud's temporary folder. Close removes it.
func (c *Cloud) scratch() (string, error) {
	if c.temp == "" {
		temp, err := os.MkdirTemp("", "roomcast-cloud-")
		if err != nil {
			return "", fmt.Errorf("make a temporary folder: %w", err)
		}
		c.temp = temp
	}
	return c.temp, nil
}

// code returns the folder of a function's code. It is the asset's own folder,
// unless the code is inline or a zip file.
func (c *Cloud) code(f *plan.Function) (string, error) {
	if f.Inline == "" {
		info, err := os.Stat(f.Asset)
		if err != nil {
			return "", fmt.Errorf("find the code: %w", err)
		}
		if info.IsDir() {
			return f.Asset, nil
		}
	}
	temp, err := c.scratch()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(temp, f.Name)
	if f.Inline == "" {
		return folder, unzip(f.Asset, folder)
	}
	if err := os.Mkdir(folder, 0o755); err != nil {
		return "", fmt.Errorf("write the inline code: %w", err)
	}
	// CloudFormation uses the same file name.
	if err := os.WriteFile(filepath.Join(folder, "index.js"), []byte(f.Inline), 0o644); err != nil {
		return "", fmt.Errorf("write the inline code: %w", err)
	}
	return folder, nil
}

// unzip extracts a zip file into a new folder.
func unzip(file, folder string) (err error) {
	archive, err := zip.OpenReader(file)
	if err != nil {
		return fmt.Errorf("unpack the code %s: %w", file, err)
	}
	defer archive.Close()
	for _, entry := range archive.File {
		if entry.FileInfo().IsDir() {
			continue
		}
		if !filepath.IsLocal(entry.Name) {
			return fmt.Errorf("unpack the code %s: invalid entry %q: expected a path inside the zip file", file, entry.Name)
		}
		if err := extract(entry, filepath.Join(folder, filepath.FromSlash(entry.Name))); err != nil {
			return fmt.Errorf("unpack the code %s: %w", file, err)
		}
	}
	return nil
}

func extract(entry *zip.File, path string) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	in, err := entry.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	// As on Lambda, files can be executable, and other modes are ignored.
	mode := fs.FileMode(0o644) | entry.Mode().Perm()&0o111
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, in)
	return err
}
