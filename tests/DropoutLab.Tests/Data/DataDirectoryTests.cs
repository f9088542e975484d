using DropoutLab.Data;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Data;

public sealed class DataDirectoryTests
{
    private static readonly Dictionary<string, string> Home = new() { ["HOME"] = "/home/ada" };

    [Fact]
    public void TheFolderAskedForComesFirst() =>
        Assert.Equal(Path.GetFullPath("sets"), Resolve("sets", Home, ("DROPOUTLAB_DATA", "/data")));

    [Fact]
    public void TheEnvironmentComesSecond() => Assert.Equal("/data", Resolve(null, Home, ("DROPOUTLAB_DATA", "/data")));

    [Fact]
    public void AnEmptyVariableNamesNoFolder() =>
        Assert.Equal("/home/ada/.cache/dropoutlab", Resolve(null, Home, ("DROPOUTLAB_DATA", "")));

    [Fact]
    public void OnLinuxTheCacheIsXdgs() =>
        Assert.Equal("/var/ada/dropoutlab", Resolve(null, Home, ("XDG_CACHE_HOME", "/var/ada")));

    [Fact]
    public void ARelativeXdgFolderIsIgnoredAsItsSpecificationSays() =>
        Assert.Equal("/home/ada/.cache/dropoutlab", Resolve(null, Home, ("XDG_CACHE_HOME", "var")));

    [Fact]
    public void OnMacOSTheCacheIsTheLibrarys() =>
        Assert.Equal(
            "/home/ada/Library/Caches/dropoutlab",
            DataDirectory.Resolve(null, Home.GetValueOrDefault, DataDirectory.Platform.MacOS));

    [Fact]
    public void OnWindowsTheCacheIsLocalApplicationData()
    {
        string local = Path.GetFullPath("/Users/ada/AppData/Local");

        Assert.Equal(
            Path.Combine(local, "dropoutlab"),
            DataDirectory.Resolve(null, name => name == "LOCALAPPDATA" ? local : null, DataDirectory.Platform.Windows));
    }

    [Fact]
    public void AFileInTheFoldersPlaceIsNamed()
    {
        using TemporaryFolder folder = new TemporaryFolder();
        string file = folder.Make("sets", "a file"u8);

        OneLine.Throws(() => DataDirectory.Resolve(file), file, "is a file");
    }

    private static string Resolve(string? asked, Dictionary<string, string> home, (string Name, string Value) variable) =>
        DataDirectory.Resolve(
            asked, name => name == variable.Name ? variable.Value : home.GetValueOrDefault(name), DataDirectory.Platform.Other);
}
