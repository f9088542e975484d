using DropoutLab.Experiments;

namespace DropoutLab.Tests.Experiments;

public sealed class CellNamesTests
{
    [Fact]
    public void ALongNameIsCutAndStaysItsOwn()
    {
        string sites = string.Join(',', Enumerable.Range(1, 30).Select(i => $"stage{i}.block1.conv1"));

        IReadOnlyList<string> names = CellNames.For([Cell("all"), Cell(sites), Cell(sites + ",fc")]),
            again = CellNames.For([Cell(sites), Cell("all")]);

        Assert.Equal("at-all", names[0]);
        Assert.All(names.Skip(1), name => Assert.Matches("^at-stage1[.]block1[.]conv1[+].*-[0-9a-f]{8}$", name));
        Assert.Equal([150, 150], names.Skip(1).Select(name => name.Length));
        Assert.Equal(3, names.Distinct().Count());
        Assert.Equal(names[1], again[0]);
    }

    private static Dictionary<string, string> Cell(string sites) => new() { ["dropout-at"] = sites };
}
