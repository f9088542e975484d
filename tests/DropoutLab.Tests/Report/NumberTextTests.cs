using DropoutLab.Dashboard.Shared;

namespace DropoutLab.Tests.Report;

/// <summary>Numbers as a reader sees them, and as a program does.</summary>
public sealed class NumberTextTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(2, "2")]
    [InlineData(0.5, "0.5")]
    [InlineData(1 / 0.7, "1.43")]
    [InlineData(-0.126, "−0.13")]
    public void ShortHasTwoDecimalsAtMost(double value, string text) => Assert.Equal(text, NumberText.Short(value));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.25, "0.25")]
    [InlineData(0.01, "0.01")]
    [InlineData(0.0049, "4.9·10⁻³")]
    [InlineData(2.77e-17, "2.8·10⁻¹⁷")]
    [InlineData(-3.2e-12, "−3.2·10⁻¹²")]
    public void WhatIsTinyHasAPowerOfTen(double value, string text) => Assert.Equal(text, NumberText.TwoDigits(value));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(2.77e-17, "3e−17")]
    [InlineData(-1.4e-16, "−1e−16")]
    public void ACellHasRoomForOneDigit(double value, string text) => Assert.Equal(text, NumberText.Tiny(value));

    [Theory]
    [InlineData(0.1, "0.1")]
    [InlineData(1 / 3.0, "0.3333333333333333")]
    [InlineData(-0.25, "-0.25")]
    public void AProgramReadsEveryDigit(double value, string text) => Assert.Equal(text, NumberText.Exact(value));

    [Theory]
    [InlineData(62, "62")]
    [InlineData(58.5, "58.5")]
    [InlineData(1 / 3.0, "0.33")]
    [InlineData(-7.25, "-7.25")]
    public void ACoordinateHasTwoDecimalsAtMost(double value, string text) => Assert.Equal(text, NumberText.Coordinate(value));
}
