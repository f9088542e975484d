using DropoutLab.Backends.OneDnn.Native;

namespace DropoutLab.Tests.Backends.Native;

/// <summary>A test that needs oneDNN: where there is none, it is skipped and says why.</summary>
public abstract class NativeTest
{
    /// <summary>Runs the test with a library of its own, and asserts that nothing of it leaks.</summary>
    private protected static void WithLibrary(Action<OneDnnLibrary> test)
    {
        Assert.SkipUnless(OneDnnLibrary.TryLoad(out OneDnnLibrary? library, out string? reason), $"needs oneDNN: {reason}");
        using (library)
            test(library);
        Assert.Equal(0, library.LiveHandles);
    }
}
