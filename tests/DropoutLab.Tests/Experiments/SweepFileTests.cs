using DropoutLab.Experiments;

namespace DropoutLab.Tests.Experiments;

public sealed class SweepFileTests
{
    [Fact]
    public void BracesAxesCellsAndRangesAreWrittenOut()
    {
        List<SweepMistake> mistakes = [];
        SweepFile file = SweepFile.Parse(
            """
            recipe: {epochs: 3}
            axes:
              dropout: [none, "{standard, forward}:{0.3, 0.1}"]
            cells:
              - dropout: standard:0.3
                dropout-at:
                  - fc1
                  - fc1,fc2
            seeds: [1..3, 9]
            """,
            "file", mistakes);

        Assert.Empty(mistakes);
        Assert.Equal("file", file.Name);
        Assert.Equal([1UL, 2, 3, 9], file.Seeds);
        Assert.Equal(
            ["none", "standard:0.3", "standard:0.1", "forward:0.3", "forward:0.1", "standard:0.3 fc1", "standard:0.3 fc1,fc2"],
            file.Grids.SelectMany(grid => grid.Combinations())
                .Select(cell => string.Join(' ', cell.Select(setting => setting.Value))));
        Assert.Equal(new SweepSetting("dropout-at", "fc1,fc2", 8), file.Grids[1].Axes[1][1]);
    }

    [Theory]
    [InlineData("axes: ]", 1, "file", "not YAML")]
    [InlineData("", 1, "file", "empty")]
    [InlineData("- a", 1, "file", "name, recipe, axes, cells and seeds")]
    [InlineData("name: x\nepochs: 3", 2, "epochs", "no such key")]
    [InlineData("name: x\nname: y", 2, "file", "Duplicate key")]
    [InlineData("recipe:\n  epochs: [1, 2]", 2, "epochs", "one value")]
    [InlineData("recipe:\n  epochs:", 2, "epochs", "missing")]
    [InlineData("recipe: 3", 1, "recipe", "options with values")]
    [InlineData("axes:\n  epochs: []", 2, "epochs", "empty")]
    [InlineData("axes:\n  epochs:\n  - 1\n  - 2\n  - 1", 5, "epochs", "'1' is in the list twice")]
    [InlineData("axes:\n  dropout: standard:{0.3", 2, "dropout", "brace")]
    [InlineData("axes:\n  dropout: [standard:{0.3, 0.1}]", 2, "file", "not YAML")]
    [InlineData("recipe:\n  epochs: 3\naxes:\n  epochs: [1, 2]", 2, "epochs", "take it out")]
    [InlineData("cells:\n  dropout: none", 2, "cells", "begin each cell with '-'")]
    [InlineData("seeds: 5..1", 1, "seeds", "'5..1'")]
    [InlineData("seeds: [1, x]", 1, "seeds", "'x'")]
    [InlineData("name: x\nseeds:\n- 1..3\n- 2", 4, "seeds", "seed 2 is there twice")]
    [InlineData("seeds: []", 1, "seeds", "at least one seed")]
    public void WhatIsWrongHasALineAndAKey(string yaml, int line, string key, string part)
    {
        List<SweepMistake> mistakes = [];

        SweepFile.Parse(yaml, "file", mistakes);

        SweepMistake mistake = Assert.Single(mistakes);
        Assert.Equal((line, key), (mistake.Line, mistake.Key));
        Assert.Contains(part, mistake.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', mistake.ToString());
    }
}
