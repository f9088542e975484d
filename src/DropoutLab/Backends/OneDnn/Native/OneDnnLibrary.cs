using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace DropoutLab.Backends.OneDnn.Native;

/// <summary>oneDNN, found and loaded at run time, with its CPU engine and one in-order stream.</summary>
/// <remarks>
/// Disposing it destroys the engine and the stream, once the objects made with them are gone too. The code stays mapped:
/// OpenMP's threads may be asleep in it.
/// </remarks>
internal sealed unsafe class OneDnnLibrary : IDisposable
{
    /// <summary>The environment variable that names the file to load, or says "none".</summary>
    public const string PathVariable = "DROPOUTLAB_ONEDNN";

    private const int CpuEngine = 1;
    private const uint InOrder = 1;
    private const int BFloat16Instructions = 0xe7;

    private readonly HandleCount handles = new();

    private OneDnnLibrary(nint module, string name, OneDnnApi api, in NativeVersion version)
    {
        Module = module;
        Name = name;
        Api = api;
        Version = new Version(version.Major, version.Minor, version.Patch);
        Runtime = (CpuRuntime)version.CpuRuntime;
        nint created;
        api.Check(api.EngineCreate(&created, CpuEngine, 0), "CPU engine");
        Engine = new OneDnnHandle(created, api.EngineDestroy, handles);
        api.Check(api.StreamCreate(&created, Engine.Value, InOrder), "stream");
        Stream = Own(created, api.StreamDestroy);
    }

    /// <summary>The name or path under which the library was found.</summary>
    public string Name { get; }

    public Version Version { get; }

    /// <summary>What the library runs its threads on.</summary>
    public CpuRuntime Runtime { get; }

    /// <summary>
    /// The widest instructions that the library will use here, as it names them, such as <c>avx512_core_amx</c>.
    /// </summary>
    public string InstructionSet =>
        Marshal.PtrToStringUTF8(Api.CpuIsaToString(Api.GetEffectiveCpuIsa()))?.Replace("cpu_isa_", "", StringComparison.Ordinal)
        ?? "unknown";

    /// <summary>Whether the processor multiplies bfloat16 itself (AVX-512 BF16 or AMX); without, oneDNN only emulates.</summary>
    public bool HasNativeBFloat16 =>
        RuntimeInformation.ProcessArchitecture == Architecture.X64
        && (Api.GetEffectiveCpuIsa() & BFloat16Instructions) == BFloat16Instructions;

    /// <summary>
    /// Whether oneDNN multiplies bfloat16 by tiles here (AMX). With AVX-512 BF16 alone, training steps took longer in bfloat16
    /// than in floats.
    /// </summary>
    public bool HasTiles => AreTiles(InstructionSet);

    /// <summary>How many native objects of this library are alive; after everything is disposed, 0.</summary>
    public int LiveHandles => handles.Value;

    /// <summary>The loaded module: the OpenMP runtime's functions are found through it.</summary>
    internal nint Module { get; }

    internal OneDnnApi Api { get; }

    internal OneDnnHandle Engine { get; }

    internal OneDnnHandle Stream { get; }

    /// <summary>Finds and loads oneDNN.</summary>
    /// <param name="library">The library, or null.</param>
    /// <param name="reason">What was found, or why there is none and what would help; one line.</param>
    public static bool TryLoad([NotNullWhen(true)] out OneDnnLibrary? library, out string reason) =>
        TryLoad(Environment.GetEnvironmentVariable(PathVariable), out library, out reason);

    /// <summary>Loads what <see cref="PathVariable"/> would choose with the given value.</summary>
    /// <param name="choice">A path; "none" for no library; null or empty for the names of this operating system.</param>
    /// <param name="library">The library, or null.</param>
    /// <param name="reason">What was found, or why there is none and what would help; one line.</param>
    internal static bool TryLoad(string? choice, [NotNullWhen(true)] out OneDnnLibrary? library, out string reason)
    {
        library = null;
        if (choice == "none")
        {
            reason = $"oneDNN is switched off ({PathVariable} is \"none\")";
            return false;
        }

        reason = string.IsNullOrEmpty(choice) ? NotInstalled() : $"oneDNN is not at \"{choice}\" ({PathVariable}): give the "
            + "path of libdnnl.so.2, libdnnl.so.3 or the like, or \"none\"";
        foreach (string name in string.IsNullOrEmpty(choice) ? LibraryNames.ForThisSystem() : [choice])
            if (NativeLibrary.TryLoad(name, out nint module) && TryOpen(module, name, out library, out reason))
                return true;
        return false;
    }

    /// <summary>Waits until everything executed on the stream has finished.</summary>
    public void Wait() => Api.Check(Api.StreamWait(Stream.Value), "waiting for the stream");

    public void Dispose()
    {
        Stream.Dispose();
        Engine.Dispose();
    }

    /// <summary>
    /// By oneDNN's name of the instructions: its numbers for those with AMX differ between versions. They are what it will use,
    /// so the operating system has granted the tiles, and ONEDNN_MAX_CPU_ISA allows them.
    /// </summary>
    internal static bool AreTiles(string instructionSet) => instructionSet.Contains("amx", StringComparison.Ordinal);

    /// <summary>Takes over an object that oneDNN made.</summary>
    internal OneDnnHandle Own(nint value, delegate* unmanaged[Cdecl]<nint, Status> destroy) =>
        new(value, destroy, handles, Engine);

    private static bool TryOpen(nint module, string name, [NotNullWhen(true)] out OneDnnLibrary? library, out string reason)
    {
        library = null;
        try
        {
            delegate* unmanaged[Cdecl]<NativeVersion*> versionOf =
                (delegate* unmanaged[Cdecl]<NativeVersion*>)NativeLibrary.GetExport(module, "dnnl_version");
            NativeVersion version = *versionOf();
            reason = $"oneDNN {version.Major}.{version.Minor}.{version.Patch} ({name})";
            OneDnnApi? api = version.Major switch
            {
                2 => new OneDnn2Api(module),
                3 => new OneDnn3Api(module),
                _ => null,
            };
            if (api is null || (CpuRuntime)version.CpuRuntime is CpuRuntime.None or CpuRuntime.Sycl)
            {
                reason += " cannot be used: install a version 2.x or 3.x that was built for OpenMP";
                return false;
            }

            library = new OneDnnLibrary(module, name, api, version);
            return true;
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or OneDnnException)
        {
            reason = $"oneDNN cannot be used ({name}: {exception.Message}): install a version 2.x or 3.x";
            return false;
        }
    }

    private static string NotInstalled()
    {
        string remedy = OperatingSystem.IsMacOS() ? "brew install onednn"
            : OperatingSystem.IsLinux() ? "apt-get install libdnnl-dev, or the like"
            : $"put dnnl.dll on the PATH or its path into {PathVariable}";
        return $"oneDNN is not installed ({remedy})";
    }
}

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
