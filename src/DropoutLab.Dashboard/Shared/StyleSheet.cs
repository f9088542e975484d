using System.Reflection;

namespace DropoutLab.Dashboard.Shared;

/// <summary>The style sheets of this assembly, to be written into pages: a page needs no file beside it.</summary>
public static class StyleSheet
{
    /// <param name="name">The folder and the file, as in Shared/Page.css.</param>
    public static string Read(string name)
    {
        Assembly assembly = typeof(StyleSheet).Assembly;
        string resource = $"{assembly.GetName().Name}.{name.Replace('/', '.')}";
        using Stream stream = assembly.GetManifestResourceStream(resource)
            ?? throw new ArgumentException($"there is no style sheet {name}", nameof(name));
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
