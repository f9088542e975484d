namespace DropoutLab.Data;

/// <summary>The folder in which data sets are looked for and into which they are downloaded.</summary>
public static class DataDirectory
{
    /// <summary>The environment variable that names the folder where the command line does not.</summary>
    public const string EnvironmentVariable = "DROPOUTLAB_DATA";

    private const string CacheName = "dropoutlab";

    /// <summary>
    /// The folder asked for, else what <see cref="EnvironmentVariable"/> names, else <c>dropoutlab</c> in the user's cache:
    /// <c>$XDG_CACHE_HOME</c> or <c>~/.cache</c> on Linux and the BSDs, <c>~/Library/Caches</c> on macOS,
    /// <c>%LOCALAPPDATA%</c> on Windows.
    /// </summary>
    /// <param name="asked">The folder that the user named, or null.</param>
    /// <returns>An absolute path; the folder need not exist yet.</returns>
    /// <exception cref="DropoutLabException">A file is in the folder's place.</exception>
    public static string Resolve(string? asked) => Resolve(asked, Environment.GetEnvironmentVariable, CurrentPlatform());

    internal static string Resolve(string? asked, Func<string, string?> environment, Platform platform)
    {
        string chosen = NullIfEmpty(asked) ?? NullIfEmpty(environment(EnvironmentVariable)) ?? UserCache(environment, platform);
        return File.Exists(chosen)
            ? throw new DropoutLabException($"{chosen} is a file: the folder for data sets is needed")
            : Path.GetFullPath(chosen);
    }

    private static string UserCache(Func<string, string?> environment, Platform platform)
    {
        string Home(params ReadOnlySpan<string> parts) =>
            Path.Combine([environment("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), .. parts]);
        string cache = platform switch
        {
            Platform.Windows => environment("LOCALAPPDATA")
                ?? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData),
            Platform.MacOS => Home("Library", "Caches"),
            // The XDG Base Directory Specification: a relative path in the variable is to be ignored.
            Platform.Other => environment("XDG_CACHE_HOME") is { } xdg && Path.IsPathRooted(xdg) ? xdg : Home(".cache"),
            _ => throw new ArgumentOutOfRangeException(nameof(platform), platform, "no such platform"),
        };
        return Path.Combine(cache, CacheName);
    }

    private static Platform CurrentPlatform() =>
        OperatingSystem.IsWindows() ? Platform.Windows : OperatingSystem.IsMacOS() ? Platform.MacOS : Platform.Other;

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    internal enum Platform
    {
        Other,
        MacOS,
        Windows,
    }
}
