namespace DropoutLab.Backends.OneDnn.Native;

/// <summary>Under which names oneDNN is installed, the newer version first.</summary>
internal static class LibraryNames
{
    /// <summary>The names to try on this operating system.</summary>
    public static IReadOnlyList<string> ForThisSystem()
    {
        if (OperatingSystem.IsWindows())
            return ["dnnl.dll"];
        return OperatingSystem.IsMacOS() ? MacOs() : Linux();
    }

    // Debian has shipped 3.6 and all later 3.x as libdnnl.so.3.6; Ubuntu 24.04, conda and the makers' own have .so.3.
    private static string[] Linux() => ["libdnnl.so.3", "libdnnl.so.3.6", "libdnnl.so.2", "libdnnl.so"];

    private static string[] MacOs()
    {
        string[] names = ["libdnnl.3.dylib", "libdnnl.dylib"];
        string[] folders = ["", "/opt/homebrew/lib/", "/usr/local/lib/"];
        return [.. names.SelectMany(name => folders.Select(folder => folder + name))];
    }
}
