// Scripts for music, notes, reminders and calendars.
import { z } from "zod";
import { defineScripts } from "./fixed-script.ts";

const line = z.string().trim().min(1).max(500);
const text = z.string().max(20_000).optional();
const isoTime = z.iso.datetime({ local: true, offset: true });
/** The Mac's own time unless an offset is given. The standard's pattern is long, and tells a model nothing. */
const moment = z
  .string()
  .max(40)
  .refine(
    (time) => isoTime.safeParse(time).success,
    "must be a time such as 2026-12-01T09:30 (or …T09:30:00+01:00)",
  );

export const PERSONAL_SCRIPTS = defineScripts({
  music: {
    does: "Music: plays, pauses, goes on or back, and tells what is played",
    args: z.strictObject({ action: z.enum(["tell", "play", "pause", "next", "previous"]).default("tell") }),
    source: `
function work({ action }) {
  const music = Application("Music");
  if (!music.running() && action !== "play") return { state: "not running" };
  if (action === "play") music.play();
  if (action === "pause") music.pause();
  if (action === "next") music.nextTrack();
  if (action === "previous") music.previousTrack();
  const state = music.playerState();
  if (state === "stopped") return { state };
  const track = music.currentTrack;
  return { state, title: track.name(), artist: track.artist(), album: track.album() };
}`,
  },
  create_note: {
    does: "a note in Notes",
    args: z.strictObject({ title: line, text }),
    source: `
function work({ title, text }) {
  const html = (plain) =>
    plain.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/\\n/g, "<br>");
  const made = Application("Notes").make({ new: "note", withProperties: { name: title, body: html(text || "") } });
  return { id: made.id() };
}`,
  },
  create_reminder: {
    does: "a reminder, in the usual list unless one is named",
    args: z.strictObject({ title: line, notes: text, due: moment.optional(), list: line.optional() }),
    source: `
function work({ title, notes, due, list }) {
  const app = Application("Reminders");
  const properties = { name: title };
  if (notes) properties.body = notes;
  if (due) properties.dueDate = new Date(due);
  const target = list ? app.lists.byName(list) : app.defaultList();
  const name = target.name();
  const reminder = app.Reminder(properties);
  target.reminders.push(reminder);
  return { id: reminder.id(), list: name };
}`,
  },
  list_calendars: {
    does: "names of the calendars, and which can be written",
    args: z.strictObject({}),
    source: `
function work() {
  const calendars = Application("Calendar").calendars();
  return { calendars: calendars.slice(0, 200).map((each) => ({ name: each.name(), writable: each.writable() })) };
}`,
  },
  create_event: {
    does: "an event, in the first calendar that can be written unless one is named",
    args: z
      .strictObject({
        title: line,
        start: moment,
        end: moment,
        calendar: line.optional(),
        location: line.optional(),
        notes: text,
      })
      .refine(({ start, end }) => new Date(end) > new Date(start), {
        path: ["end"],
        error: "must be after start",
      }),
    source: `
function work({ title, start, end, calendar, location, notes }) {
  const app = Application("Calendar");
  const target = calendar ? app.calendars.byName(calendar) : app.calendars.whose({ writable: true })[0];
  const name = target.name();
  const properties = { summary: title, startDate: new Date(start), endDate: new Date(end) };
  if (location) properties.location = location;
  if (notes) properties.description = notes;
  const event = app.Event(properties);
  target.events.push(event);
  return { id: event.uid(), calendar: name };
}`,
  },
});
