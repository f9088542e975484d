using System.Globalization;
using DropoutLab.Cli.Display;

namespace DropoutLab.Tests.Cli;

public sealed class CellTextTests
{
    private const string Family = "👨\u200d👩\u200d👧\u200d👦";

    public static TheoryData<string> Texts => [
        "plain", new string('中', 60), "a中b中c", string.Concat(Enumerable.Repeat("e\u0301", 40)),
        string.Concat(Enumerable.Repeat(Family, 9)), "👍🏽🇩🇪❤️", "", " "];

    [Theory]
    [InlineData("plain", 5)]
    [InlineData("中文", 4)]
    [InlineData("e\u0301", 1)]
    [InlineData("👍", 2)]
    [InlineData(Family, 2)]
    [InlineData("", 0)]
    public void AWidthIsInCells(string text, int width) => Assert.Equal(width, CellText.Width(text));

    [Theory]
    [InlineData("中文字符", 8, "中文字符")]
    [InlineData("中文字符", 7, "中…字符")]
    [InlineData("中文字符", 2, "…")]
    [InlineData("standard-s1", 8, "sta…d-s1")]
    [InlineData("ae\u0301io\u0301u", 4, "a…o\u0301u")]
    public void ALongTextKeepsItsEnds(string text, int width, string expected) =>
        Assert.Equal(expected, CellText.Ends(text, width));

    [Theory]
    [InlineData("中文字符", 8, "中文字符")]
    [InlineData("中文字符", 7, "中文字…")]
    [InlineData("中文字符", 6, "中文…")]
    [InlineData("e\u0301e\u0301e\u0301", 2, "e\u0301…")]
    public void OrItsBeginning(string text, int width, string expected) =>
        Assert.Equal(expected, CellText.Beginning(text, width));

    [Theory]
    [MemberData(nameof(Texts))]
    public void NothingIsWiderThanItsRoomOrTornWithinACharacter(string text)
    {
        for (int width = 1; width <= CellText.Width(text) + 1; width++)
        {
            Assert.Equal(Math.Max(width, CellText.Width(text)), CellText.Width(CellText.PadRight(text, width)));
            foreach (string shortened in (string[])[CellText.Beginning(text, width), CellText.Ends(text, width)])
            {
                Assert.InRange(CellText.Width(shortened), 0, width);
                Assert.Empty(Characters(shortened).Except([.. Characters(text), "…"]));
            }
        }
    }

    [Fact]
    public void WhatMovesTheCursorIsNotWritten() => Assert.Equal("a\uFFFDb\uFFFD[2J", CellText.OnOneLine("a\nb\e[2J"));

    private static HashSet<string> Characters(string text) =>
        [.. StringInfo.ParseCombiningCharacters(text).Select(start => StringInfo.GetNextTextElement(text, start))];
}
