using DropoutLab.Backends.OneDnn.Native;

namespace DropoutLab.Tests.Backends.Native;

/// <summary>A test that needs oneDNN: where there is none it says so, as a warning of the test, and passes.</summary>
public abstract class NativeTest
{
    /// <summary>Runs the test with a library of its own, and asserts that nothing of it leaks.</summary>
    private protected static void WithLibrary(Action<OneDnnLibrary> test)
    {
        if (!OneDnnLibrary.TryLoad(out var library, out string? reason))
        {
            TestContext.Current.AddWarning($"not run: {reason}");
            return;
        }

        using (library)
            test(library);
        Assert.Equal(0, library.LiveHandles);
    }
}
