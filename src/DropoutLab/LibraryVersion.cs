using System.Reflection;

namespace DropoutLab;

/// <summary>Which DropoutLab this is, for what it writes.</summary>
public static class LibraryVersion
{
    /// <summary>As in 0.2.0.</summary>
    public static string Text { get; } = typeof(LibraryVersion).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
