// SPDX-License-Identifier: MIT OR Apache-2.0
// Counts people and vehicles that cross a line, with the installed plugin linked in.
#include <gst/gst.h>
#include <gst/video/video.h>
#if __has_include(<gst/analytics/analytics.h>)
#include <gst/analytics/analytics.h>
#define ANALYTICS
#endif

GST_PLUGIN_STATIC_DECLARE(lynx);

// lynxtrack gives no identity again that was away for longer.
#define FORGET (10 * GST_SECOND)

static const char *const counted[] = {"person", "bicycle", "car", "motorcycle", "bus", "truck", NULL};

typedef struct {
    gint64 x, y; // pixels; y grows downwards
} Point;

typedef struct {
    guint64 id;
    Point foot;
    GstClockTime time;
} Seen;

// Used on the streaming thread.
typedef struct {
    Point start, end;
    GHashTable *seen; // where and when each identity was seen last
    guint64 in, out;
} Counter;

// Whether a point is at the right hand of who walks from a to b, or on the line.
static gboolean at_right(Point a, Point b, Point point)
{
    return (b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x) >= 0;
}

// An object that was detected on this frame, not predicted.
static void see(Counter *counter, GstClockTime time, guint64 id, GQuark type, gint64 x, gint64 y, gint64 w, gint64 h)
{
    const char *label = g_quark_to_string(type);
    if (!label || !g_strv_contains(counted, label))
        return;
    Point foot = {x + w / 2, y + h}, start = counter->start, end = counter->end;
    Seen *before = g_hash_table_lookup(counter->seen, &id);
    Point from = before ? before->foot : foot;
    gboolean now = at_right(start, end, foot);
    if (at_right(start, end, from) != now && at_right(from, foot, start) != at_right(from, foot, end)) {
        guint64 count = now ? ++counter->in : ++counter->out;
        g_print("{\"time\":%" G_GUINT64_FORMAT ",\"id\":%" G_GUINT64_FORMAT
                ",\"label\":\"%s\",\"direction\":\"%s\",\"count\":%" G_GUINT64_FORMAT "}\n",
                time, id, label, now ? "in" : "out", count);
    }
    Seen *last = g_new(Seen, 1);
    *last = (Seen){id, foot, time};
    g_hash_table_replace(counter->seen, &last->id, last);
}

// Regions of interest carry objects on a GStreamer older than 1.24.
static void regions(Counter *counter, GstBuffer *buffer, GstClockTime time)
{
    gpointer state = NULL;
    GstVideoRegionOfInterestMeta *roi;
    while ((roi = (gpointer)gst_buffer_iterate_meta_filtered(buffer, &state, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE))) {
        GstStructure *who = gst_video_region_of_interest_meta_get_param(roi, "object_id");
        gboolean coasted = FALSE;
        gint id;
        if (!who || !gst_structure_get_int(who, "id", &id))
            continue;
        gst_structure_get_boolean(who, "coasted", &coasted);
        if (!coasted)
            see(counter, time, id, roi->roi_type, roi->x, roi->y, roi->w, roi->h);
    }
}

static void detections(Counter *counter, GstBuffer *buffer, GstClockTime time)
{
#ifdef ANALYTICS
    GstAnalyticsRelationMeta *meta = gst_buffer_get_analytics_relation_meta(buffer);
    gpointer state = NULL;
    GstAnalyticsMtd detection, tracking;
    while (meta && gst_analytics_relation_meta_iterate(meta, &state, gst_analytics_od_mtd_get_mtd_type(), &detection)) {
        gpointer first = NULL;
        GstClockTime first_seen, last_seen;
        gboolean lost;
        guint64 id;
        gint x, y, w, h;
        gfloat score;
        if (gst_analytics_relation_meta_get_direct_related(meta, detection.id, GST_ANALYTICS_REL_TYPE_RELATE_TO,
                gst_analytics_tracking_mtd_get_mtd_type(), &first, &tracking)
            && gst_analytics_tracking_mtd_get_info(&tracking, &id, &first_seen, &last_seen, &lost)
            && last_seen == GST_BUFFER_PTS(buffer) && !lost
            && gst_analytics_od_mtd_get_location(&detection, &x, &y, &w, &h, &score))
            see(counter, time, id, gst_analytics_od_mtd_get_obj_type(&detection), x, y, w, h);
    }
#endif
}

static gboolean forgotten(gpointer id, gpointer seen, gpointer time)
{
    return *(GstClockTime *)time >= ((Seen *)seen)->time + FORGET;
}

static GstFlowReturn new_sample(GstElement *sink, Counter *counter)
{
    GstSample *sample = NULL;
    g_signal_emit_by_name(sink, "pull-sample", &sample);
    if (!sample)
        return GST_FLOW_EOS;
    GstBuffer *buffer = gst_sample_get_buffer(sample);
    GstClockTime time = gst_segment_to_stream_time(gst_sample_get_segment(sample), GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
    regions(counter, buffer, time);
    detections(counter, buffer, time);
    g_hash_table_foreach_remove(counter->seen, forgotten, &time);
    gst_sample_unref(sample);
    return GST_FLOW_OK;
}

static void set(GstElement *pipeline, const char *name, const char *property, const char *value)
{
    GstElement *element = gst_bin_get_by_name(GST_BIN(pipeline), name);
    g_object_set(element, property, value, NULL);
    gst_object_unref(element);
}

// Runs it to its end. Returns what went wrong, or NULL.
static char *play(GstElement *pipeline)
{
    GstBus *bus = gst_element_get_bus(pipeline);
    gboolean started = gst_element_set_state(pipeline, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE;
    // Where it does not start, the bus knows why.
    GstMessage *message = gst_bus_timed_pop_filtered(bus, started ? GST_CLOCK_TIME_NONE : 0, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
    char *wrong = started ? NULL : g_strdup("the pipeline did not start");
    if (message && GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        GError *error = NULL;
        char *more = NULL;
        gst_message_parse_error(message, &error, &more);
        g_free(wrong);
        wrong = g_strconcat(error->message, " ", more, NULL);
        g_error_free(error);
        g_free(more);
    }
    gst_clear_message(&message);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    gst_object_unref(bus);
    return wrong;
}

int main(int argc, char **argv)
{
    Counter counter = {.seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free)};
    gint64 line[4];
    gboolean understood = argc == 7;
    for (int i = 0; understood && i < 4; i++)
        understood = g_ascii_string_to_signed(argv[3 + i], 10, G_MININT32, G_MAXINT32, &line[i], NULL);
    if (!understood) {
        g_printerr("usage: %s FILE|URI MODEL.onnx X1 Y1 X2 Y2 (pixels)\n", argv[0]);
        return 2;
    }
    counter.start = (Point){line[0], line[1]};
    counter.end = (Point){line[2], line[3]};
    gst_init(NULL, NULL);
    GST_PLUGIN_STATIC_REGISTER(lynx);

    GError *error = NULL;
    char *wrong = NULL, *uri = gst_uri_is_valid(argv[1]) ? g_strdup(argv[1]) : gst_filename_to_uri(argv[1], &error);
    GstElement *pipeline = error ? NULL : gst_parse_launch(
        "uridecodebin name=video ! videoconvert ! lynxpreprocess ! queue ! lynxinfer name=infer threshold=0.1 "
        "! lynxtrack ! appsink name=end sync=false emit-signals=true", &error);
    if (error) {
        wrong = g_strdup(error->message);
    } else {
        // Properties are set as values: names of files need no quoting then.
        set(pipeline, "video", "uri", uri);
        set(pipeline, "infer", "model", argv[2]);
        GstElement *end = gst_bin_get_by_name(GST_BIN(pipeline), "end");
        g_signal_connect(end, "new-sample", G_CALLBACK(new_sample), &counter);
        gst_object_unref(end);
        wrong = play(pipeline);
    }
    if (wrong)
        g_printerr("%s\n", wrong);
    int status = wrong ? 1 : 0;
    g_free(wrong);
    g_free(uri);
    g_clear_error(&error);
    gst_clear_object(&pipeline);
    g_hash_table_unref(counter.seen);
    return status;
}
