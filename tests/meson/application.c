// SPDX-License-Identifier: MIT OR Apache-2.0
// Lynx linked statically: its elements are there, and no plugin file has brought them.
#include <gst/gst.h>

GST_PLUGIN_STATIC_DECLARE(lynx);

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    if (gst_element_factory_find("lynxinfer"))
        g_error("lynxinfer is there before it was registered");
    GST_PLUGIN_STATIC_REGISTER(lynx);

    GstElement *element = gst_element_factory_make("lynxinfer", NULL);
    if (!element)
        g_error("lynxinfer is not there");
    GstPlugin *plugin = gst_registry_find_plugin(gst_registry_get(), "lynx");
    if (gst_plugin_get_filename(plugin))
        g_error("the plugin came out of %s", gst_plugin_get_filename(plugin));
    g_print("lynx %s is linked in\n", gst_plugin_get_version(plugin));

    gst_object_unref(plugin);
    gst_object_unref(element);
    return 0;
}
