package workspace

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxUpload is the size from which an upload is refused.
const maxUpload = 64 << 20

// file is a file and what is kept of its content.
type file struct {
	File
	app      *app
	secret   string // of the upload URL, until it is used
	content  []byte
	uploaded bool
	done     bool // completed, or shared by a person
}

// addFileLocked makes a file; the oldest falls out when there are too many.
func (w *Workspace) addFileLocked(a *app, user, name string, size int) *file {
	f := &file{app: a, secret: w.secretLocked("upload", 32)}
	f.File = File{ID: w.countedLocked("F"), Name: name, Title: name, Mimetype: mimeType(name), Size: size, User: user, Created: w.clock.Now()}
	f.URL = w.base + "/files/" + f.ID + "/" + url.PathEscape(name)
	w.files[f.ID] = f
	w.fileOrder = append(w.fileOrder, f.ID)
	if len(w.fileOrder) > maxFiles {
		delete(w.files, w.fileOrder[0])
		w.fileOrder = w.fileOrder[1:]
	}
	return f
}

// apiUploadURL is files.getUploadURLExternal, the first step of an upload.
func apiUploadURL(w *Workspace, a *app, args map[string]string) (object, *Error) {
	n, err := strconv.Atoi(args["length"])
	switch {
	case args["filename"] == "" || args["length"] == "":
		return nil, fail("missing_argument")
	case err != nil || n <= 0:
		return nil, fail("invalid_arguments", "[ERROR] must be a positive integer [json-pointer:/length]")
	case n > maxUpload:
		return nil, fail("file_upload_size_restricted")
	case utf8.RuneCountInString(args["alt_txt"]) > 1000:
		return nil, fail("alt_txt_too_large")
	}
	f := w.addFileLocked(a, a.BotUserID, args["filename"], n)
	return object{"upload_url": w.base + "/upload/" + f.secret, "file_id": f.ID}, nil
}

// serveUpload is the second step: the content, raw or as a multipart form.
func (w *Workspace) serveUpload(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	var f *file
	for _, x := range w.files {
		if x.secret == r.PathValue("id") && !x.uploaded {
			f = x
		}
	}
	w.mu.Unlock()
	if f == nil {
		http.Error(rw, "unknown or used upload URL", http.StatusNotFound)
		return
	}
	r.Body = http.MaxBytesReader(rw, r.Body, maxUpload+(64<<10))
	var body io.Reader = r.Body
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		mr, err := r.MultipartReader()
		if err != nil {
			http.Error(rw, err.Error(), http.StatusBadRequest)
			return
		}
		for {
			part, err := mr.NextPart()
			if err != nil {
				http.Error(rw, "the form has no file", http.StatusBadRequest)
				return
			}
			if part.FileName() != "" || part.FormName() == "file" {
				body = part
				break
			}
		}
	}
	kept, err := io.ReadAll(io.LimitReader(body, maxFileBytes))
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	rest, err := io.Copy(io.Discard, body)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	size := len(kept) + int(rest)
	w.mu.Lock()
	defer w.mu.Unlock()
	if size != f.Size {
		w.strangeLocked(f.app.AppID, fmt.Sprintf("the upload of %s has %d bytes, announced were %d", clip(f.Name, 60), size, f.Size))
		f.Size = size
	}
	f.content, f.uploaded = kept, true
	fmt.Fprintf(rw, "OK - %d", size)
}

// apiCompleteUpload is the third step: the files are shared.
func apiCompleteUpload(w *Workspace, a *app, args map[string]string) (object, *Error) {
	var refs []struct {
		ID    string `json:"id"`
		Title string `json:"title"`
	}
	if json.Unmarshal([]byte(args["files"]), &refs) != nil || len(refs) == 0 {
		return nil, fail("invalid_arguments", "[ERROR] must be an array of files [json-pointer:/files]")
	}
	var files []*file
	for _, ref := range refs {
		f := w.files[ref.ID]
		if f == nil || f.app != a || !f.uploaded || f.done {
			return nil, fail("file_not_found")
		}
		files = append(files, f)
	}
	ids := list(args["channels"])
	if args["channel_id"] != "" {
		ids = append(ids, args["channel_id"])
	}
	var channels []*channel
	for _, id := range ids {
		c, err := w.insideLocked(a, id)
		if err == nil && c.Archived {
			err = fail("posting_to_channel_denied")
		}
		if err != nil {
			return nil, err
		}
		if !slices.Contains(channels, c) {
			channels = append(channels, c)
		}
	}
	var blocks json.RawMessage
	if raw := args["blocks"]; !blankArray(json.RawMessage(raw)) {
		checked, err := messageBlocks([]byte(raw))
		if err != nil {
			return nil, err
		}
		blocks = checked.raw
	}
	var threads []string
	for _, c := range channels {
		thread, err := w.threadLocked(c, args["thread_ts"])
		if err != nil {
			return nil, fail("invalid_arguments", "[ERROR] thread_ts is no message")
		}
		threads = append(threads, thread)
	}
	out := []object{}
	var shared []File
	for i, f := range files {
		f.done = true
		if refs[i].Title != "" {
			f.Title = refs[i].Title
		}
		shared = append(shared, f.File)
		out = append(out, wireFile(f.File))
	}
	for i, c := range channels {
		w.postLocked(c, &Message{
			User: a.BotUserID, BotID: a.BotID, AppID: a.AppID, Subtype: "file_share", Text: args["initial_comment"],
			Blocks: blocks, ThreadTS: threads[i], Files: slices.Clone(shared),
		})
	}
	return object{"files": out}, nil
}

func apiFileInfo(w *Workspace, _ *app, args map[string]string) (object, *Error) {
	f := w.files[args["file"]]
	if f == nil || !f.done {
		return nil, fail("file_not_found")
	}
	return object{"file": wireFile(f.File), "comments": []object{}, "paging": object{"count": 0, "total": 0, "page": 1, "pages": 0}}, nil
}

// serveFile gives the kept content to apps with files:read.
func (w *Workspace) serveFile(rw http.ResponseWriter, r *http.Request) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	w.mu.Lock()
	f := w.files[r.PathValue("id")]
	allowed := slices.ContainsFunc(w.apps, func(a *app) bool { return a.BotToken == token && a.scopes["files:read"] })
	w.mu.Unlock()
	if f == nil || !f.done || !allowed {
		http.Error(rw, "no such file", http.StatusNotFound)
		return
	}
	rw.Header().Set("Content-Type", "application/octet-stream")
	rw.Header().Set("Content-Disposition", "attachment")
	rw.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = rw.Write(f.content)
}
